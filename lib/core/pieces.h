// Boxes of a volume as pieces of its scan order.
#pragma once

#include <cstdint>

#include "core/extent.h"

namespace vox {

/// Calls `piece(first, offset, count)` for every longest run of a box that is contiguous in a volume of
/// `shape` stored in scan order: `first` voxel in the volume, `offset` in the box stored densely, `count`
/// voxels; in scan order.
template <class Piece>
void for_each_piece(const Extent3& shape, const Box3& box, Piece&& piece) {
  const Extent3 size = box.shape();
  const bool full_rows = size.x == shape.x;
  const bool full_planes = full_rows && size.y == shape.y;
  const std::int64_t rows_at_once = full_planes ? size.z * size.y : full_rows ? size.y : 1;
  const std::int64_t count = rows_at_once * size.x;
  for (std::int64_t row = 0; row < size.z * size.y; row += rows_at_once) {
    const std::int64_t z = box.begin.z + row / size.y;
    const std::int64_t y = box.begin.y + row % size.y;
    piece((z * shape.y + y) * shape.x + box.begin.x, row * size.x, count);
  }
}

}  // namespace vox
