#include "ops/intensity/background_mask.h"

#include <algorithm>
#include <span>

#include "ops/filter/fir.h"
#include "ops/stats/measures.h"
#include "ops/stats/smooth_profile.h"

namespace vox {
namespace {

/// The mean projection, smoothed along y and then along x.
std::vector<double> smoothed(const std::vector<double>& means, const Extent3& plane, double sigma) {
  const Taps taps = gaussian_taps(sigma, 4, 0);
  const auto width = static_cast<std::size_t>(plane.x);
  const auto row_of = [&](std::int64_t y) {
    return std::span(means).subspan(static_cast<std::size_t>(reflected(y, plane.y)) * width, width);
  };
  std::vector<double> result(means.size());
  for (std::int64_t y = 0; y < plane.y; ++y) {
    std::vector<double> row;
    for (const double mean : row_of(y)) row.push_back(taps.weights[0] * mean);
    for (std::int64_t d = 1; d <= taps.reach(); ++d) {
      const std::span<const double> before = row_of(y - d);
      const std::span<const double> behind = row_of(y + d);
      for (std::size_t x = 0; x < width; ++x)
        row[x] += taps.weights[static_cast<std::size_t>(d)] * (before[x] + behind[x]);
    }
    row = smooth_profile(row, sigma);
    std::copy(row.begin(), row.end(), result.begin() + y * plane.x);
  }
  return result;
}

/// Otsu's threshold over the smoothed values where the mean is above 0.
double otsu_of(const std::vector<double>& means, const std::vector<double>& smooth) {
  Summary summary;
  const auto for_each_seen = [&](const auto& look) {
    for (std::size_t i = 0; i < means.size(); ++i)
      if (means[i] > 0) look(smooth[i]);
  };
  for_each_seen([&](double value) {
    summary.min = summary.count == 0 ? value : std::min(summary.min, value);
    summary.max = summary.count == 0 ? value : std::max(summary.max, value);
    ++summary.count;
  });
  const EqualWidthBins bins(DType::float64, summary.min, summary.max, 256);
  EqualWidthHistogram histogram{bins.edges(), std::vector<std::int64_t>(256)};
  for_each_seen([&](double value) { ++histogram.counts[static_cast<std::size_t>(bins.bin_of(value))]; });
  return otsu_from_bins(histogram, summary, DType::float64);
}

}  // namespace

BackgroundMask find_background(const std::vector<double>& means, const Extent3& plane, double sigma) {
  const std::vector<double> smooth = smoothed(means, plane, sigma);
  BackgroundMask mask;
  mask.threshold = otsu_of(means, smooth);
  mask.inside.reserve(means.size());
  for (std::size_t i = 0; i < means.size(); ++i) {
    mask.inside.push_back(smooth[i] < mask.threshold && means[i] > 0 ? 1 : 0);
    mask.places += mask.inside.back();
  }
  return mask;
}

}  // namespace vox
