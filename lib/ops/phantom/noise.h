// Gaussian-looking noise that is a pure function of seed and coordinates.
#pragma once

#include <cstdint>

namespace vox {

/// Writes one standard normal number for each of `count` voxels from `x` on of row (z, y). Each is the sum of
/// four 16-bit uniform numbers with its kurtosis corrected: mean 0, standard deviation 1 within 0.2 %, at
/// most 3.9 from 0. Up to 15 values behind the last are overwritten. REQUIRES: x / 65536 is the same for all
/// `count` voxels.
void fill_normals(std::uint64_t seed, std::int64_t z, std::int64_t y, std::int64_t x, std::int64_t count,
                  float* out);

}  // namespace vox
