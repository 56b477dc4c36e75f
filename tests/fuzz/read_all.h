// Reads a source as a tool would, for the fuzz targets.
#pragma once

#include <algorithm>
#include <vector>

#include "io/sidecar.h"
#include "io/volume_io.h"

namespace vox::fuzz {

inline constexpr std::int64_t kMostVoxelBytes = 16 << 20;  // beyond that only the header is of interest
inline constexpr std::int64_t kRowsAtOnce = 7;             // does not divide strips, tiles and chunks

inline void read_all(SlabSource& source) {
  const VolumeMeta& meta = source.meta();
  check_meta(meta, "fuzz");
  parse_sidecar(meta_to_sidecar(meta), "what we wrote ourselves");
  if (meta.bytes() > kMostVoxelBytes) return;
  std::vector<std::byte> voxels(static_cast<std::size_t>(kRowsAtOnce * meta.row_bytes()));
  for (std::int64_t z = 0; z < meta.shape.z; ++z)
    for (std::int64_t y = 0; y < meta.shape.y; y += kRowsAtOnce)
      source.read({{z, y, 0}, {z + 1, std::min(y + kRowsAtOnce, meta.shape.y), meta.shape.x}}, voxels.data());
}

}  // namespace vox::fuzz
