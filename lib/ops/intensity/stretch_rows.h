// The loops under `PlaneStretch`.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ops/intensity/plane_stretch.h"

namespace vox {

/// `count` voxels to float32. `keep`: null, or for each voxel 1 where it is stretched and 0 where it only
/// changes its type.
void stretch_voxels(DType dtype, const std::byte* in, const std::uint8_t* keep, std::int64_t count,
                    const Stretch& stretch, float* out);

}  // namespace vox
