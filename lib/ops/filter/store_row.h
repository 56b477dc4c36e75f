// Where filters that compute in double precision put their results.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/dtype.h"
#include "core/tally.h"

namespace vox {

/// Rounds `count` doubles to the type of the output as `convert_voxels` does. Only NaN that became 0 and
/// values that saturated count: to be rounded is what these filters are asked for.
void store_doubles(const double* values, DType dtype, std::byte* out, std::int64_t count, Tally& tally);

}  // namespace vox
