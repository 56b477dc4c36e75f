// Regions of interest as a user writes them.
#pragma once

#include <string_view>

#include "core/meta.h"

namespace vox {

/// "Z0:Z1,Y0:Y1,X0:X1": half-open, ends may be left out, negative counts from the end, one index takes one
/// plane; with units: distance from the volume's corner, rounded half up to voxel edges. Throws a usage error
/// when the text is wrong or the region is empty or leaves the volume.
Box3 parse_roi(std::string_view text, const VolumeMeta& meta);

/// As `parse_roi`, in world coordinates of the volume's unit: the voxels whose centres lie in [lo, hi).
Box3 parse_world_roi(std::string_view text, const VolumeMeta& meta);

}  // namespace vox
