// The loops under thresholds.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/dtype.h"
#include "ops/filter/threshold.h"

namespace vox {

/// out = voxel in `interval` ? inside : outside, for `count` voxels.
void threshold_to_mask(DType dtype, const std::byte* in, std::uint8_t* out, std::int64_t count,
                       const ValueInterval& interval, std::uint8_t inside, std::uint8_t outside);

/// out = voxel in `interval` ? voxel : outside. `outside` points to a value of the type.
void threshold_keeping(DType dtype, const std::byte* in, std::byte* out, std::int64_t count,
                       const ValueInterval& interval, const std::byte* outside);

}  // namespace vox
