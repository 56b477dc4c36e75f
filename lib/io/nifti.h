// NIfTI-1 and NIfTI-2 in one file, plain or compressed by gzip.
#pragma once

#include <memory>
#include <string>

#include "io/bytes.h"
#include "io/meta_fields.h"
#include "io/volume_io.h"

namespace vox {

/// Either byte order. The scaling of values becomes the value map and is not applied; of several time points
/// (fourth dimension) and channels (fifth) one is chosen. Throws usage errors for colours, complex numbers
/// and headers whose voxels are in an .img file.
std::unique_ptr<SlabSource> open_nifti(ByteSource bytes, const OpenOptions& options);

/// What the header says in terms of its own, with NIfTI-1 in 32 bits.
MetaFields nifti_fields(const VolumeMeta& meta);

/// NIfTI-1, or NIfTI-2 where a side is longer than 32,767, with our meta as an extension; a name that ends in
/// `.gz` is compressed. Throws a usage error for float16.
std::unique_ptr<SlabSink> create_nifti(const std::string& path, const VolumeMeta& meta,
                                       const CreateOptions& options);

}  // namespace vox
