// Voxels of a volume in memory, numbered so that neighbours are found by adding a number, also at the ends.
#pragma once

#include <cstdint>
#include <vector>

#include "core/extent.h"
#include "ops/label/connectivity.h"

namespace vox {

/// Every row ends with one voxel more, every plane with one row more, and a plane stands before the first and
/// after the last one: what a neighbour outside of the volume falls on. Axes of length 1 have no such margin,
/// and no neighbours along them.
class FloodGrid {
 public:
  FloodGrid(const Extent3& shape, Connectivity connectivity);

  const Extent3& shape() const { return shape_; }
  /// Numbers that voxels and margins take.
  std::int64_t size() const { return size_; }
  std::int64_t row(std::int64_t z, std::int64_t y) const {
    return margin_ + z * plane_pitch_ + y * row_pitch_;
  }
  /// What to add to a voxel's number for its neighbours: near ones first, among them in scan order; as
  /// scikit-image sorts them (stably).
  const std::vector<std::int64_t>& neighbours() const { return neighbours_; }

  /// Words of one bit for each number.
  std::int64_t bit_words() const { return (size_ + 63) / 64; }

 private:
  Extent3 shape_;
  std::int64_t row_pitch_;
  std::int64_t plane_pitch_;
  std::int64_t margin_;
  std::int64_t size_;
  std::vector<std::int64_t> neighbours_;
};

}  // namespace vox
