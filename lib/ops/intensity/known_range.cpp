#include "ops/intensity/known_range.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace vox {
namespace {

/// Beyond it not every whole number is a double, in which ranges are.
constexpr double kLastExactWhole = 9007199254740992.0;

bool may_be_rounded(const Range& range, DType dtype) {
  return !is_float(dtype) && std::max(-range.low, range.high) > kLastExactWhole;
}

}  // namespace

std::optional<Range> range_behind(const VolumeMeta& input, DType to,
                                  const std::function<double(double)>& image) {
  if (!input.range) return std::nullopt;
  const Range range{image(input.range->low), image(input.range->high)};
  if (!std::isfinite(range.low) || !std::isfinite(range.high)) return std::nullopt;
  if (may_be_rounded(range, to)) return std::nullopt;
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
