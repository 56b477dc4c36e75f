#include "ops/stats/smooth_profile.h"

#include <algorithm>
#include <limits>

#include "ops/filter/fir.h"

namespace vox {

std::int64_t reflected(std::int64_t place, std::int64_t size) {
  const std::int64_t period = 2 * size;
  place %= period;
  if (place < 0) place += period;
  return place < size ? place : period - 1 - place;
}

std::vector<double> smooth_profile(std::span<const double> values, double sigma) {
  const Taps taps = gaussian_taps(sigma, 4, 0);
  const auto size = static_cast<std::int64_t>(values.size());
  const auto at = [&](std::int64_t place) {
    return values[static_cast<std::size_t>(reflected(place, size))];
  };
  std::vector<double> result;
  for (std::int64_t i = 0; i < size; ++i) {
    double sum = taps.weights[0] * at(i);
    for (std::int64_t d = 1; d <= taps.reach(); ++d)
      sum += taps.weights[static_cast<std::size_t>(d)] * (at(i - d) + at(i + d));
    result.push_back(sum);
  }
  return result;
}

std::vector<double> smooth_valid(std::span<const double> values, std::span<const std::uint8_t> valid,
                                 double sigma) {
  std::vector<double> weights;
  std::vector<double> weighted;
  for (std::size_t i = 0; i < values.size(); ++i) {
    weights.push_back(valid[i] != 0 ? 1 : 0);
    weighted.push_back(valid[i] != 0 ? values[i] : 0);
  }
  weights = smooth_profile(weights, sigma);
  weighted = smooth_profile(weighted, sigma);
  for (std::size_t i = 0; i < values.size(); ++i) weighted[i] = weights[i] > 0 ? weighted[i] / weights[i] : 0;
  return weighted;
}

double median_of(std::vector<double> values) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace vox
