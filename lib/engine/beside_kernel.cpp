#include "engine/beside_kernel.h"

#include <algorithm>
#include <vector>

namespace vox {
namespace {

/// Voxels that are read at once, where rows are not longer.
constexpr std::int64_t kVoxels = 64 << 10;

std::int64_t rows_at_once(const Extent3& block, const Extent3& chunk) {
  return std::clamp<std::int64_t>(kVoxels / block.x, std::min(chunk.y, block.y), block.y);
}

}  // namespace

std::int64_t BesideKernel::scratch_bytes(const Extent3& block) const {
  const VolumeMeta& meta = beside_.meta();
  return kernel_.scratch_bytes(block) + beside_.scratch_bytes() + beside_.held_bytes() +
         std::max(kVoxels * size_of(meta.dtype), rows_at_once(block, beside_.chunk()) * meta.row_bytes());
}

void BesideKernel::apply(const ConstBlock& in, const Block& out, Tally& tally) const {
  const Extent3 size = out.shape();
  const DType dtype = beside_.meta().dtype;
  const std::int64_t rows = rows_at_once(size, beside_.chunk());
  std::vector<std::byte> buffer(static_cast<std::size_t>(rows * size.x * size_of(dtype)));
  for (std::int64_t z = out.box.begin.z; z < out.box.end.z; ++z)
    for (std::int64_t y = out.box.begin.y; y < out.box.end.y; y += rows) {
      const Box3 box{{z, y, out.box.begin.x}, {z + 1, std::min(y + rows, out.box.end.y), out.box.end.x}};
      beside_.read(box, buffer.data());
      const Block mask = dense_block(buffer.data(), dtype, box);
      kernel_.apply_beside(in.part(box), const_view(mask), out.part(box), tally);
    }
}

}  // namespace vox
