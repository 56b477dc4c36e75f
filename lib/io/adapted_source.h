// Sources that show another volume differently.
#pragma once

#include <memory>

#include "io/volume_io.h"

namespace vox {

/// The same voxels with another meta (of the same shape and dtype).
std::unique_ptr<SlabSource> with_meta(std::unique_ptr<SlabSource> source, const VolumeMeta& meta);

/// The voxels of a box. A pipe is read up to the last plane of the box and no further.
std::unique_ptr<SlabSource> crop(std::unique_ptr<SlabSource> source, const Box3& box);

}  // namespace vox
