// Sources that show another volume differently.
#pragma once

#include <memory>

#include "io/volume_io.h"

namespace vox {

/// The same voxels with another meta (of the same shape and dtype).
std::unique_ptr<SlabSource> with_meta(std::unique_ptr<SlabSource> source, const VolumeMeta& meta);

/// The voxels of a box. A pipe is read up to the last plane of the box and no further.
std::unique_ptr<SlabSource> crop(std::unique_ptr<SlabSource> source, const Box3& box);

/// The planes of `source` from `planes.begin` up to `planes.end`. REQUIRES: `source` lives as long.
std::unique_ptr<SlabSource> view_planes(SlabSource& source, const Interval& planes);

/// `planes` times the single plane of `source`, which is read when it is first asked for, and held.
std::unique_ptr<SlabSource> repeat_plane(std::unique_ptr<SlabSource> source, std::int64_t planes);

}  // namespace vox
