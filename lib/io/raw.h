// Raw voxels: a file with a sidecar, or raw bytes that options describe.
#pragma once

#include <memory>
#include <string>

#include "io/bytes.h"
#include "io/volume_io.h"

namespace vox {

/// Raw bytes described by the sidecar of their file, by options, or by both (options win). There must be as
/// many as they say.
std::unique_ptr<SlabSource> open_raw(ByteSource bytes, const RawDescription& description);

/// Throws a usage error for a compression.
void check_raw_options(const CreateOptions& options);
/// A raw file, little-endian, with a sidecar.
std::unique_ptr<SlabSink> create_raw(const std::string& path, const VolumeMeta& meta,
                                     const CreateOptions& options);

}  // namespace vox
