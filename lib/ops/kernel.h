// What an operation on voxels looks like to the engine.
#pragma once

#include <bit>
#include <cstdint>

#include "core/block.h"
#include "core/meta.h"
#include "core/tally.h"

namespace vox {

/// Voxels in, voxels out: no I/O, no threads, no state that changes. Several threads call one kernel at once.
class Kernel {
 public:
  virtual ~Kernel() = default;

  /// The volume that comes out: dtype, kind, range (only if certain), value map. The engine adds nothing.
  virtual VolumeMeta output_meta(const VolumeMeta& input) const = 0;
  /// How far around a voxel the kernel looks. The engine supplies that many planes, rows and columns on
  /// either side.
  virtual Extent3 halo() const { return {0, 0, 0}; }
  /// When not 0: `apply` is called for exactly the boxes of a grid of that size which begins at the volume's
  /// first voxel (clipped at its end), because results may depend on how the volume is cut. Only the last
  /// kernel of a list may have tiles, and it cannot look back.
  virtual Extent3 tile() const { return {0, 0, 0}; }
  /// Memory that one call of `apply` takes for a block of that shape.
  virtual std::int64_t scratch_bytes(const Extent3& block) const {
    static_cast<void>(block);
    return 0;
  }
  /// Fills `out`. `in` has the same box, with margins of `halo()` around it already filled. Adds to `tally`.
  virtual void apply(const ConstBlock& in, const Block& out, Tally& tally) const = 0;

  /// Planes of a block from which on thicker ones save little; the engine makes blocks of whole multiples,
  /// where it can. A power of two: then one block suits several kernels.
  virtual std::int64_t planes_at_once() const {
    return static_cast<std::int64_t>(std::bit_floor(static_cast<std::uint64_t>(halo().z)));
  }

  /// Memory in which `apply_on` keeps what it knows of a block of so many rows and columns for the next one
  /// along z. When not 0, and where there is so much memory, the engine calls `apply_on` instead of `apply`.
  /// Not of a kernel that has tiles or looks back.
  virtual std::int64_t carried_bytes(std::int64_t rows, std::int64_t columns) const {
    static_cast<void>(rows);
    static_cast<void>(columns);
    return 0;
  }
  /// `carried`: as the call for the same rows of the planes before left it, and then `in` has one more plane
  /// in front of its margins; or, when `begins`, nothing yet.
  virtual void apply_on(const ConstBlock& in, const Block& out, Tally& tally, std::byte* carried,
                        bool begins) const {
    static_cast<void>(carried);
    static_cast<void>(begins);
    apply(in, out, tally);
  }

  /// The run has failed elsewhere: calls of `apply` that wait for something soon end, by any exception.
  virtual void abandon() const {}

  /// When not 0: the kernel also sees the input of the one that stands so many places before it in the list,
  /// and the engine calls `apply_beside` instead.
  virtual int looks_back() const { return 0; }
  /// `earlier`: the same box of that volume, without margins.
  virtual void apply_beside(const ConstBlock& in, const ConstBlock& earlier, const Block& out,
                            Tally& tally) const {
    static_cast<void>(earlier);
    apply(in, out, tally);
  }

 protected:
  Kernel() = default;
  Kernel(const Kernel&) = default;
  Kernel& operator=(const Kernel&) = default;
};

}  // namespace vox
