// The loop under clipping.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/dtype.h"
#include "core/tally.h"

namespace vox {

/// Copies `count` voxels, those below `low` as `low` and those above `high` as `high`; NaN stays. REQUIRES:
/// low <= high, both values of the type. `tally.clipped_low` and `clipped_high` count what changed.
void clamp_voxels(DType dtype, const std::byte* in, std::byte* out, std::int64_t count, long double low,
                  long double high, Tally& tally);

}  // namespace vox
