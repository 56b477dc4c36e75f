// Exact percentiles as NumPy's `linear` method defines them, interpolated in double precision.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "ops/stats/histogram_reducer.h"
#include "ops/stats/rank_search.h"

namespace vox {

/// Runs one pass of a reducer over the volume: `[&](Reducer& r) { context.reduce(source, r, mask); }`.
using RunPass = std::function<void(Reducer&)>;

/// Throws a usage error that names `option` unless every percentile is in [0, 100].
void check_percentiles(std::span<const double> percentiles, const std::string& option);

/// The places between which a percentile of `count` sorted values lies.
struct PercentilePlace {
  std::int64_t below = 0;
  std::int64_t above = 0;
  double weight = 0;  ///< of `above`
};
PercentilePlace percentile_place(double percentile, std::int64_t count);
/// NumPy's interpolation, digit for digit.
double interpolate(double below, double above, double weight);

/// The ranks that `percentiles` of the first pass's volume need.
std::vector<std::int64_t> percentile_ranks(std::span<const double> percentiles, std::int64_t count);
/// The percentile, from a search for at least its ranks; NaN when `count` is 0.
double percentile_from(const RankSearch& search, double percentile, std::int64_t count);

struct Percentiles {
  Summary summary;
  std::vector<double> values;  ///< one for each percentile asked for; NaN when there are no finite voxels
};

/// In 1 (8- and 16-bit types), 2 (32-bit) or up to 4 passes (64-bit), over finite voxels. RAM:
/// `HistogramReducer`, then `RankRefiner`.
Percentiles exact_percentiles(DType dtype, std::span<const double> percentiles, const RunPass& run_pass);

/// Passes that `exact_percentiles` needs at most for up to ten percentiles; more may need more.
int percentile_passes(DType dtype);

}  // namespace vox
