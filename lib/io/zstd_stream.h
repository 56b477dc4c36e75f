// zstd files: read as bytes in order, written as one frame.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "io/bytes.h"
#include "io/planned_sink.h"
#include "io/volume_io.h"

namespace vox {

/// True when bytes that begin so are a zstd file.
bool is_zstd(std::span<const std::byte> start);

/// The bytes that were compressed, in order; there may be several frames. Throws damaged-input errors while
/// reading.
ByteSource zstd_expanded(ByteSource compressed);

/// A raw file compressed by zstd, with a sidecar.
std::unique_ptr<SlabSink> create_raw_zstd(const std::string& path, const VolumeMeta& meta,
                                          const CreateOptions& options);
SinkTraits raw_zstd_traits(const std::string& path, const VolumeMeta& meta, const CreateOptions& options);
SinkTraits raw_zstd_traits(const std::string& path, const VolumeMeta& meta, const CreateOptions& options);

}  // namespace vox
