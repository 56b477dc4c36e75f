// A volume seen through along an axis.
#pragma once

#include <vector>

#include "core/block.h"
#include "ops/render/plane_voxels.h"
#include "ops/stats/profile.h"

namespace vox {

enum class SightMethod { max, min, mean };

/// Takes the blocks of a volume in scan order; the digits of means depend on nothing else. NaN is left out: a
/// pixel is NaN where all voxels behind it are. max and min have the volume's type, mean is float64 (its sums
/// are doubles).
class SightLines {
 public:
  SightLines(SightMethod method, Axis axis, const Extent3& shape, DType dtype);

  /// Full-width rows.
  void add(const ConstBlock& block);
  /// Rows and columns are the two other axes, in their order.
  PlaneVoxels result();

  static std::int64_t memory_bytes(SightMethod method, Axis axis, const Extent3& shape, DType dtype);

 private:
  template <class T, class Step>
  void add_extremes(const ConstBlock& block, Step step);
  template <class T>
  void add_sums(const ConstBlock& block);
  /// Calls `along(row, first)` for rows that go into pixels from `first` on, `across(row, pixel)` for rows
  /// that all go into one.
  template <class T, class Along, class Across>
  void for_each_row(const ConstBlock& block, Along along, Across across) const;

  SightMethod method_;
  Axis axis_;
  Extent3 shape_;
  DType dtype_;
  PlaneVoxels plane_;                 ///< extremes so far, or sums
  std::vector<std::int64_t> counts_;  ///< of sums of floating voxels: those that are not NaN
};

}  // namespace vox
