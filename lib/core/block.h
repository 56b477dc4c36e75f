// Views of voxels in memory: a box of a volume, its rows reachable as plain pointers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/dtype.h"
#include "core/extent.h"

namespace vox {

/// A box of voxels that may be written. Rows and planes lie `row_stride` and `plane_stride` bytes apart, or
/// planes where a table says; then several may be the same.
/// Around the box, a kernel's input has margins of the kernel's halo, filled by the boundary rule: (z, y) may
/// then be negative or beyond the shape, and rows may be read that far to either side.
template <class Byte>
struct BasicBlock {
  Byte* data = nullptr;  ///< voxel (0, 0, 0) of the box
  DType dtype = DType::uint8;
  Box3 box;  ///< where in the volume the voxels belong
  std::int64_t row_stride = 0;
  std::int64_t plane_stride = 0;
  Byte* const* planes =
      nullptr;  ///< when not null: plane z begins as far from planes[z] as `data` from planes[0]

  Extent3 shape() const { return box.shape(); }
  Byte* row(std::int64_t z, std::int64_t y) const {
    Byte* plane = planes == nullptr ? data + z * plane_stride : planes[z] + (data - planes[0]);
    return plane + y * row_stride;
  }

  /// The voxels of `inner`, a box in the volume whose first voxel lies within this one or its margins.
  BasicBlock part(const Box3& inner) const {
    BasicBlock result = *this;
    const std::int64_t z = inner.begin.z - box.begin.z;
    result.data = row(z, inner.begin.y - box.begin.y) + (inner.begin.x - box.begin.x) * size_of(dtype);
    if (planes != nullptr) result.planes += z;
    result.box = inner;
    return result;
  }

  /// True when the box is one dense run of voxels in memory.
  bool dense() const {
    const Extent3 size = shape();
    const std::int64_t row_bytes = size.x * size_of(dtype);
    if (planes != nullptr && size.z > 1) return false;
    return (row_stride == row_bytes || size.y == 1) && (plane_stride == size.y * row_stride || size.z == 1) &&
           (size.y == 1 ? (size.z == 1 || plane_stride == row_bytes) : true);
  }
};

using Block = BasicBlock<std::byte>;
using ConstBlock = BasicBlock<const std::byte>;

inline ConstBlock const_view(const Block& block) {
  return {block.data, block.dtype, block.box, block.row_stride, block.plane_stride, block.planes};
}

/// A dense block at `data`: rows and planes follow each other without gaps.
template <class Byte>
BasicBlock<Byte> dense_block(Byte* data, DType dtype, const Box3& box) {
  const Extent3 size = box.shape();
  const std::int64_t row_stride = size.x * size_of(dtype);
  return {data, dtype, box, row_stride, size.y * row_stride, nullptr};
}

/// Calls `run(in_row, out_row, count)` for every longest run of voxels that is contiguous in both blocks.
/// REQUIRES: equal shapes.
template <class Run>
void for_each_run(const ConstBlock& in, const Block& out, Run&& run) {
  const Extent3 size = out.shape();
  if (in.dense() && out.dense()) {
    run(in.data, out.data, voxels(size));
    return;
  }
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::int64_t y = 0; y < size.y; ++y) run(in.row(z, y), out.row(z, y), size.x);
}

}  // namespace vox
