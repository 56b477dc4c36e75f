#include "ops/intensity/known_range.h"

#include <cmath>
#include <limits>

namespace vox {

std::optional<Range> range_behind(const VolumeMeta& input, DType to,
                                  const std::function<double(double)>& image) {
  if (!input.range) return std::nullopt;
  const Range range{image(input.range->low), image(input.range->high)};
  if (!std::isfinite(range.low) || !std::isfinite(range.high)) return std::nullopt;
  if (!is_float(input.dtype)) return range;
  const auto leaves = [&](double value) {
    return std::isfinite(value) && (value < range.low || value > range.high);
  };
  const double infinity = std::numeric_limits<double>::infinity();
  if (leaves(image(-infinity)) || leaves(image(infinity))) return std::nullopt;
  const bool nan_becomes_0 = !is_float(to);
  if (nan_becomes_0 && leaves(0)) return std::nullopt;
  return range;
}

}  // namespace vox
