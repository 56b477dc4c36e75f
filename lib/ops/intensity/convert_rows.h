// Voxels from one type to another: the loop under every conversion.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/dtype.h"
#include "core/tally.h"

namespace vox {

/// Converts `count` voxels. To integers: rounded half to even, saturating, NaN becomes 0. To floating types:
/// rounded to nearest even as IEEE 754 does, beyond the largest finite value infinity; NaN stays NaN. `tally`
/// counts voxels that saturated (or overflowed), were rounded, or were NaN and became 0; one voxel counts
/// once. All vector levels agree.
void convert_voxels(DType from, const std::byte* in, DType to, std::byte* out, std::int64_t count,
                    Tally& tally);

}  // namespace vox
