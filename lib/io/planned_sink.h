// What a sink will ask for, before there is one: for plans that write nothing.
#pragma once

#include <memory>
#include <string>

#include "io/volume_io.h"

namespace vox {

/// What an engine asks a sink (`SlabSink`).
struct SinkTraits {
  bool seekable = true;
  Extent3 chunk;
  bool encodes = false;
  std::int64_t scratch_bytes = 0;
  std::int64_t held_bytes = 0;
};

/// Of a sink that takes voxels at any place and holds nothing.
SinkTraits plain_sink_traits(const VolumeMeta& meta);

/// What `create_sink` would give, to be asked, not to be written to: nothing is created, and what stands at
/// `path` is not looked at. Throws usage errors for what the format cannot hold.
std::unique_ptr<SlabSink> planned_sink(const std::string& path, const VolumeMeta& meta,
                                       const CreateOptions& options);

}  // namespace vox
