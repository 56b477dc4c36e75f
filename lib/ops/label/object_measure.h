// Size, place and centre of an object.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "core/extent.h"

namespace vox {

/// Sums over an object's voxels: whole numbers, so that parts may be added in any order.
struct ObjectMeasure {
  __extension__ typedef unsigned __int128 Sum;

  std::int64_t voxels = 0;
  Box3 box{{kFar, kFar, kFar}, {0, 0, 0}};
  Sum z = 0;  ///< of the voxels' indices
  Sum y = 0;
  Sum x = 0;

  /// Columns [begin, end) of row (z, y).
  void add_run(std::int64_t row_z, std::int64_t row_y, std::int64_t begin, std::int64_t end) {
    const std::int64_t count = end - begin;
    voxels += count;
    box.begin = {std::min(box.begin.z, row_z), std::min(box.begin.y, row_y), std::min(box.begin.x, begin)};
    box.end = {std::max(box.end.z, row_z + 1), std::max(box.end.y, row_y + 1), std::max(box.end.x, end)};
    z += static_cast<Sum>(row_z) * static_cast<Sum>(count);
    y += static_cast<Sum>(row_y) * static_cast<Sum>(count);
    x += static_cast<Sum>(begin + end - 1) * static_cast<Sum>(count) / 2;
  }

  void add(const ObjectMeasure& other) {
    voxels += other.voxels;
    box.begin = {std::min(box.begin.z, other.box.begin.z), std::min(box.begin.y, other.box.begin.y),
                 std::min(box.begin.x, other.box.begin.x)};
    box.end = {std::max(box.end.z, other.box.end.z), std::max(box.end.y, other.box.end.y),
               std::max(box.end.x, other.box.end.x)};
    z += other.z;
    y += other.y;
    x += other.x;
  }

  /// Has a voxel on a face of a volume of `shape`.
  bool touches_border(const Extent3& shape) const {
    return box.begin.z == 0 || box.begin.y == 0 || box.begin.x == 0 || box.end.z == shape.z ||
           box.end.y == shape.y || box.end.x == shape.x;
  }

 private:
  static constexpr std::int64_t kFar = std::numeric_limits<std::int64_t>::max();
};

}  // namespace vox
