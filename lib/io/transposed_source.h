// Volumes whose file has the planes' axis fastest.
#pragma once

#include <memory>

#include "io/volume_io.h"

namespace vox {

/// The volume of `meta` from a source that has its axes in opposite order (shape (X, Y, Z)) and can seek. The
/// first read turns all of it around: in memory within `options.memory`, else in an unlinked file in
/// `options.tmpdir`; every voxel is read and written once there, whatever the size.
std::unique_ptr<SlabSource> transposed_source(std::unique_ptr<SlabSource> source, const VolumeMeta& meta,
                                              const OpenOptions& options);

}  // namespace vox
