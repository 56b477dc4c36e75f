// A value that a user gave, as voxels.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/dtype.h"

namespace vox {

/// Writes `count` voxels of `value`, converted to `dtype`: half to even, saturating, NaN to 0 in integers.
void fill_voxels(std::byte* data, DType dtype, std::int64_t count, long double value);

}  // namespace vox
