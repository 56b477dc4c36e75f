// NRRD files, attached (.nrrd) and detached (.nhdr beside the voxels' file).
#pragma once

#include <memory>
#include <span>
#include <string>

#include "io/bytes.h"
#include "io/meta_fields.h"
#include "io/volume_io.h"

namespace vox {

/// True when bytes that begin so are an NRRD header.
bool is_nrrd(std::span<const std::byte> start);

/// Opens a volume of scalars (2 dimensions: a plane) in encoding raw, which can seek in a file, or gzip. A
/// detached header may name a plain file beside it. A sidecar, if there is one, completes and overrides the
/// header.
std::unique_ptr<SlabSource> open_nrrd(ByteSource bytes, const OpenOptions& options);

/// What the fields of the header say.
MetaFields nrrd_fields(const VolumeMeta& meta);

/// A header with the fields of `meta` and nothing of our own, for attached voxels, little-endian and raw.
std::string plain_nrrd_header(const VolumeMeta& meta);

/// Creates a little-endian file, with the whole meta in its header; `.nhdr`: a header and the voxels beside
/// it. `options.compression`: none (the default) or gzip[:1-9].
std::unique_ptr<SlabSink> create_nrrd(const std::string& path, const VolumeMeta& meta,
                                      const CreateOptions& options);

}  // namespace vox
