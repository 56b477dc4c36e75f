#include "io/zarr_layout.h"

#include <algorithm>

#include "core/error.h"
#include "core/numbers.h"

namespace vox {
namespace {

constexpr std::int64_t kEdge = 64;
constexpr std::int64_t kShardBytes = std::int64_t{256} << 20;
constexpr std::int64_t kMostChunksPerShard = 32768;

std::int64_t round_up(std::int64_t value, std::int64_t unit) { return (value + unit - 1) / unit * unit; }

Extent3 clipped(const Extent3& chunk, const Extent3& volume) {
  return {std::min(chunk.z, volume.z), std::min(chunk.y, volume.y), std::min(chunk.x, volume.x)};
}

/// As deep as memory allows, down to one plane; as many voxels as a cube has.
Extent3 chosen_chunk(const VolumeMeta& meta, std::int64_t memory) {
  const auto fits = [&](const Extent3& chunk) { return ZarrLayout{chunk, chunk}.band_bytes(meta) <= memory; };
  Extent3 chunk{std::min(kEdge, meta.shape.z), kEdge, kEdge};
  while (chunk.z > 1 && !fits(clipped(chunk, meta.shape))) chunk.z = (chunk.z + 1) / 2;
  while (chunk.z * chunk.y * chunk.x * 2 <= kEdge * kEdge * kEdge)
    (chunk.x <= chunk.y ? chunk.x : chunk.y) *= 2;
  while (chunk.y > 1 && !fits(clipped(chunk, meta.shape))) {
    chunk.y /= 2;
    chunk.x *= 2;
  }
  return clipped(chunk, meta.shape);
}

Extent3 chosen_shard(const VolumeMeta& meta, const Extent3& chunk) {
  Extent3 shard = chunk;
  const std::int64_t most =
      std::min(kShardBytes, kMostChunksPerShard * voxels(chunk) * size_of(meta.dtype)) / size_of(meta.dtype);
  const auto grow = [&](std::int64_t& extent, std::int64_t whole) {
    if (extent >= whole || voxels(shard) * 2 > most) return false;
    extent *= 2;
    return true;
  };
  for (;;) {
    const bool wider = grow(shard.x, meta.shape.x);
    const bool higher = grow(shard.y, meta.shape.y);
    const bool deeper = grow(shard.z, meta.shape.z);
    if (!wider && !higher && !deeper) break;
  }
  // No larger than the volume needs: entries of chunks that cannot be would only lengthen the index.
  return {std::min(shard.z, round_up(meta.shape.z, chunk.z)),
          std::min(shard.y, round_up(meta.shape.y, chunk.y)),
          std::min(shard.x, round_up(meta.shape.x, chunk.x))};
}

Extent3 checked_shard(const Extent3& shard, const Extent3& chunk) {
  if (shard.z % chunk.z != 0 || shard.y % chunk.y != 0 || shard.x % chunk.x != 0)
    fail_usage("--shard " + to_string(shard) + ": must be a whole number of chunks of " + to_string(chunk) +
               " voxels");
  return shard;
}

}  // namespace

Extent3 ZarrLayout::band(const Extent3& volume) const {
  return {chunk.z, chunk.z == 1 ? chunk.y : round_up(volume.y, chunk.y), round_up(volume.x, chunk.x)};
}

std::int64_t ZarrLayout::band_bytes(const VolumeMeta& meta) const {
  return checked_product(checked_voxels(band(meta.shape), "chunks"), size_of(meta.dtype), "chunks");
}

ZarrLayout zarr_layout(const VolumeMeta& meta, const ZarrLayoutWish& wish, std::int64_t memory) {
  ZarrLayout layout;
  layout.chunk = wish.chunk ? *wish.chunk : chosen_chunk(meta, memory);
  layout.shard = !wish.sharded ? layout.chunk
                 : wish.shard  ? checked_shard(*wish.shard, layout.chunk)
                               : chosen_shard(meta, layout.chunk);
  return layout;
}

}  // namespace vox
