// The loop that finds the bins of float32 voxels, at the speed of the cache.
#pragma once

#include <cstdint>

#include "ops/stats/equal_width.h"

namespace vox {

/// Voxels that are indexed at once.
inline constexpr std::int64_t kIndices = 1024;

/// out[i] becomes bins.bin_of(values[i]). `edges` are the bins' as floats. REQUIRES: count <= kIndices,
/// finite values within the bins.
void bin_indices(const float* values, std::int64_t count, const EqualWidthBins& bins, const float* edges,
                 std::uint32_t* out);

}  // namespace vox
