// The way back to the original intensities, carried through what is done to voxels.
#pragma once

#include "core/meta.h"

namespace vox {

/// The voxels of `before` became scale * voxel + offset: gives `meta` the way back from these. None, and said
/// to be lost, where it was lost before or its numbers cannot be told (scale 0, or beyond double precision).
void carry_value_map(const VolumeMeta& before, double scale, double offset, VolumeMeta& meta);

/// There is no way back from here on: a missing value map does not mean that the voxels are the original
/// ones. Kept as the key `value_map_lost` of the sidecar.
void lose_value_map(VolumeMeta& meta);
bool value_map_is_lost(const VolumeMeta& meta);

}  // namespace vox
