// MetaImage files, of one piece (.mha) and of a header beside the voxels' file (.mhd).
#pragma once

#include <memory>
#include <span>
#include <string>

#include "io/bytes.h"
#include "io/meta_fields.h"
#include "io/volume_io.h"

namespace vox {

/// True when bytes that begin so are a MetaImage header.
bool is_metaimage(std::span<const std::byte> start);

/// Opens a volume of scalars (2 dimensions: a plane) in binary, which can seek in a file unless it is
/// compressed. A header may name a plain file beside it. The sidecar, if there is one, completes and
/// overrides the header.
std::unique_ptr<SlabSource> open_metaimage(ByteSource bytes, const OpenOptions& options);

/// What the header says; of units it knows micrometre, millimetre and centimetre.
MetaFields metaimage_fields(const VolumeMeta& meta);

/// Creates a little-endian file with a sidecar, since the format's readers cut long lines; `.mhd`: a header
/// and the voxels beside it. `options.compression`: none (the default) or gzip[:1-9], which is zlib here.
std::unique_ptr<SlabSink> create_metaimage(const std::string& path, const VolumeMeta& meta,
                                           const CreateOptions& options);

}  // namespace vox
