// The loops under adaptive equalisation.
#pragma once

#include <cstdint>

namespace vox {

/// The maps of the four tiles around a row, and their weights.
struct FourMaps {
  const std::uint16_t* map[4];
  float weight[4];
};

/// Their weighted sum for each of `bins` bins, NaN behind it.
void blend_maps(const FourMaps& maps, std::int64_t bins, float* out);

/// out[i] lies between the tables' values for bins[i], at (first + i) / size on the way from `before` to
/// `after`.
void blend_voxels(const std::uint16_t* bins, std::int64_t count, const float* before, const float* after,
                  std::int64_t first, std::int64_t size, float* out);

/// (value - low) * factor + offset in double precision; `factor` 0 for results that are all the same.
void stretch_results(const float* values, std::int64_t count, double low, double factor, double offset,
                     double* out);

/// The ends of `count` values, without NaN.
void extremes_of(const float* values, std::int64_t count, float& low, float& high);

}  // namespace vox
