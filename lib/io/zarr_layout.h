// How a volume is cut into chunks and shards that are written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/meta.h"

namespace vox {

/// What a user may say about it.
struct ZarrLayoutWish {
  std::optional<Extent3> chunk;
  std::optional<Extent3> shard;  ///< REQUIRES: none unless `sharded`
  bool sharded = true;
};

/// Chunks, and files of chunks. Voxels come in scan order and are gathered until a layer of chunks is full.
struct ZarrLayout {
  Extent3 chunk;
  Extent3 shard;  ///< of voxels; the chunk itself where each has a file of its own

  bool sharded() const { return shard != chunk; }
  /// What is gathered: all rows of some planes, or some rows of one plane when chunks are one plane thin.
  Extent3 band(const Extent3& volume) const;
  std::int64_t band_bytes(const VolumeMeta& meta) const;
};

/// Chunks of 64 x 64 x 64 voxels, thinner and wider where a layer of planes would take more than `memory`;
/// shards of some 256 MiB. Depends on the volume's shape and type and on `memory` only where that is scarce.
/// Throws a usage error for shards that are no whole number of chunks. Chunks that were wished for may need
/// more than `memory`.
ZarrLayout zarr_layout(const VolumeMeta& meta, const ZarrLayoutWish& wish, std::int64_t memory);

}  // namespace vox
