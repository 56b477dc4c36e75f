#include "ops/stats/percentiles.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/numbers.h"

namespace vox {

void check_percentiles(std::span<const double> percentiles, const std::string& option) {
  for (const double percentile : percentiles)
    if (!(percentile >= 0 && percentile <= 100))
      fail_usage(option + ": " + format_number(percentile) +
                 " is not a percentile; give numbers from 0 to 100");
}

PercentilePlace percentile_place(double percentile, std::int64_t count) {
  const double place = static_cast<double>(count - 1) * (percentile / 100);
  if (place >= static_cast<double>(count - 1)) return {count - 1, count - 1, 0};
  const double below = std::floor(place);
  return {static_cast<std::int64_t>(below), static_cast<std::int64_t>(below) + 1, place - below};
}

double interpolate(double below, double above, double weight) {
  if (below == above) return below;
  const double distance = above - below;
  return weight >= 0.5 ? above - distance * (1 - weight) : below + distance * weight;
}

std::vector<std::int64_t> percentile_ranks(std::span<const double> percentiles, std::int64_t count) {
  std::vector<std::int64_t> ranks;
  if (count == 0) return ranks;
  for (const double percentile : percentiles) {
    const PercentilePlace place = percentile_place(percentile, count);
    ranks.push_back(place.below);
    ranks.push_back(place.above);
  }
  return ranks;
}

double percentile_from(const RankSearch& search, double percentile, std::int64_t count) {
  if (count == 0) return std::numeric_limits<double>::quiet_NaN();
  const PercentilePlace place = percentile_place(percentile, count);
  return interpolate(search.value(place.below), search.value(place.above), place.weight);
}

Percentiles exact_percentiles(DType dtype, std::span<const double> percentiles, const RunPass& run_pass) {
  HistogramReducer first(dtype);
  run_pass(first);
  Percentiles result{first.summary(), {}};
  RankSearch search(first, percentile_ranks(percentiles, result.summary.count));
  while (!search.done()) {
    const std::unique_ptr<RankRefiner> refiner = search.next_pass();
    run_pass(*refiner);
    search.take(*refiner);
  }
  for (const double percentile : percentiles)
    result.values.push_back(percentile_from(search, percentile, result.summary.count));
  return result;
}

int percentile_passes(DType dtype) { return static_cast<int>(std::max<std::int64_t>(size_of(dtype) / 2, 1)); }

}  // namespace vox
