// Profiles smoothed along an axis: one number for each plane or section.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace vox {

/// scipy.ndimage.gaussian_filter1d in double precision: weights out to int(4 * sigma + 0.5), ends reflected
/// (d c b a | a b c d | d c b a). Sigma 0 changes nothing.
std::vector<double> smooth_profile(std::span<const double> values, double sigma);

/// The same, weighted: values where `valid` is 0 count for nothing, and all get the mean of their neighbours;
/// 0 where no valid value is near enough.
std::vector<double> smooth_valid(std::span<const double> values, std::span<const std::uint8_t> valid,
                                 double sigma);

/// numpy.median; NaN without values.
double median_of(std::vector<double> values);

/// The place in [0, size) that a place beyond the ends is reflected to.
std::int64_t reflected(std::int64_t place, std::int64_t size);

}  // namespace vox
