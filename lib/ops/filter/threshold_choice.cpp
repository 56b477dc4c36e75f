#include "ops/filter/threshold_choice.h"

#include <cmath>

#include "core/error.h"
#include "core/exact_number.h"
#include "core/numbers.h"
#include "ops/stats/statistics.h"

namespace vox {
namespace {

/// "LO,HI", where an end may be left out.
ValueInterval parse_interval(std::string_view text) {
  ValueInterval interval;
  const std::vector<std::string> ends = split(text, ',');
  const bool good = ends.size() == 2 && !(ends[0].empty() && ends[1].empty()) &&
                    (ends[0].empty() || try_parse_exact(ends[0], interval.low)) &&
                    (ends[1].empty() || try_parse_exact(ends[1], interval.high));
  if (!good || !(interval.low <= interval.high))
    fail_usage("'" + std::string(text) +
               "' is not a pair of numbers LO,HI with LO <= HI, of which one may be left out");
  return interval;
}

}  // namespace

void ThresholdChoice::declare(Params& params) {
  params
      .option("above", 0, "T", "inside: voxels > T",
              [this](std::string_view text) { above_ = parse_exact(text); })
      .not_with({"below", "range", "otsu"});
  params
      .option("below", 0, "T", "inside: voxels < T",
              [this](std::string_view text) { below_ = parse_exact(text); })
      .not_with({"above", "range", "otsu"});
  params
      .option("range", 0, "LO,HI", "inside: LO <= voxel <= HI; an end may be left out",
              [this](std::string_view text) { range_ = parse_interval(text); })
      .not_with({"above", "below", "otsu"});
  params.flag("otsu", 0, "inside: voxels above Otsu's threshold of the volume", otsu_)
      .not_with({"above", "below", "range"});
}

void ThresholdChoice::look(const VolumeMeta& input, const std::function<void(Reducer&)>& run_pass) {
  const Statistics found = measure(input.dtype, input.shape, {}, run_pass);
  // Nothing lies above the only value; as a double it may be less than the 64-bit integers that it stands
  // for.
  above_ = found.summary.min == found.summary.max ? found.summary.exact_max : found.otsu;
}

std::optional<ValueInterval> ThresholdChoice::interval() const {
  if (!otsu_ && (std::isnan(above_.value_or(0)) || std::isnan(below_.value_or(0))))
    fail_usage("NaN is no threshold; give a number");
  constexpr ValueInterval kAll;
  if (above_) return ValueInterval{*above_, kAll.high, true, false};
  if (below_) return ValueInterval{kAll.low, *below_, false, true};
  return range_;
}

}  // namespace vox
