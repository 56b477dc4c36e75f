// The voxels of a block that lie inside a mask, as runs of plain memory.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "core/block.h"

namespace vox {

/// Voxels that are gathered from a masked block at once; sums are taken over segments of rows of this length.
inline constexpr std::int64_t kSegment = 4096;

/// keep[i] becomes 1 where mask voxel i is not zero (NaN is inside), else 0.
void inside_flags(const std::byte* mask, DType dtype, std::int64_t count, std::uint8_t* keep);

/// Copies those of `count` <= kSegment voxels of `size` bytes to `out` whose mask voxel is not zero (NaN is
/// inside), in order; returns how many.
std::int64_t gather_inside(const std::byte* voxels, std::int64_t size, const std::byte* mask,
                           DType mask_dtype, std::int64_t count, std::byte* out);

/// Room for the voxels of one segment.
struct SegmentBuffer {
  alignas(64) std::byte bytes[kSegment * 8];
};

/// Calls `run(voxels, count)` for the segments of one row: [0, 4096), [4096, 8192), ... of blocks[0], without
/// the voxels outside the mask blocks[1] if there is one.
template <class Run>
void for_each_segment_inside(std::span<const ConstBlock> blocks, std::int64_t z, std::int64_t y, Run&& run) {
  const std::int64_t width = blocks[0].shape().x;
  const std::int64_t size = size_of(blocks[0].dtype);
  const std::byte* row = blocks[0].row(z, y);
  if (blocks.size() == 1) {
    for (std::int64_t x = 0; x < width; x += kSegment) run(row + x * size, std::min(kSegment, width - x));
    return;
  }
  SegmentBuffer kept;
  const std::int64_t mask_size = size_of(blocks[1].dtype);
  for (std::int64_t x = 0; x < width; x += kSegment) {
    const std::int64_t count = gather_inside(row + x * size, size, blocks[1].row(z, y) + x * mask_size,
                                             blocks[1].dtype, std::min(kSegment, width - x), kept.bytes);
    if (count > 0) run(kept.bytes, count);
  }
}

/// The same for a whole block, in runs as long as memory allows: for measurements that ask for no position.
template <class Run>
void for_each_run_inside(std::span<const ConstBlock> blocks, Run&& run) {
  const Extent3 size = blocks[0].shape();
  if (blocks.size() == 1 && blocks[0].dense()) {
    run(blocks[0].data, voxels(size));
    return;
  }
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::int64_t y = 0; y < size.y; ++y) for_each_segment_inside(blocks, z, y, run);
}

}  // namespace vox
