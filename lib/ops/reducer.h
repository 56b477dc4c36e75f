// What a measurement over voxels looks like to the engine.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "core/block.h"
#include "core/kept_state.h"

namespace vox {

/// A volume in, a small result out. The engine gives each thread an `empty()` copy, shows every voxel to
/// exactly one of them, and merges the copies in no particular order. So `observe` and `merge` must give the
/// same digits in any order: integers, minima and maxima, and sums in fixed point do (`stats/fixed_sum.h`).
class Reducer {
 public:
  virtual ~Reducer() = default;

  /// A reducer with the same settings that has seen nothing.
  virtual std::unique_ptr<Reducer> empty() const = 0;
  /// Takes a block of the volume and, behind it in `blocks`, the same box of each further volume (mask,
  /// labels). Blocks are full-width rows: box.begin.x is 0 and box.end.x the volume's width.
  virtual void observe(std::span<const ConstBlock> blocks) = 0;
  /// Adds what another reducer of the same settings has seen.
  virtual void merge(const Reducer& other) = 0;
  /// Gives what it has seen to `state`, or, having seen nothing, takes it from there: between processes that
  /// share a pass. False: this reducer cannot.
  virtual bool exchange(KeptState& state) {
    static_cast<void>(state);
    return false;
  }
  /// Blocks begin at multiples of this many rows (and end there or at a plane's end); for sums along columns.
  virtual std::int64_t row_multiple() const { return 1; }
  /// Memory that one copy holds.
  virtual std::int64_t memory_bytes() const = 0;

 protected:
  Reducer() = default;
  Reducer(const Reducer&) = default;
  Reducer& operator=(const Reducer&) = default;
};

}  // namespace vox
