#include "ops/render/window.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "ops/stats/percentiles.h"
#include "ops/stats/range.h"

namespace vox {
namespace {

void show(const PlaneVoxels& plane, Reducer& reducer) {
  const ConstBlock block =
      dense_block(plane.voxels.data(), plane.dtype, Box3{{0, 0, 0}, {1, plane.rows, plane.columns}});
  reducer.observe({&block, 1});
}

PlaneVoxels as_float64(const PlaneVoxels& plane) {
  const PlaneVoxels zero{DType::uint8, plane.rows, plane.columns,
                         std::vector<std::byte>(static_cast<std::size_t>(plane.rows * plane.columns))};
  return difference(zero, plane);
}

/// Statistics are of one type.
bool of_one_type(std::span<const PlaneVoxels> planes) {
  return std::all_of(planes.begin(), planes.end(),
                     [&](const PlaneVoxels& plane) { return plane.dtype == planes[0].dtype; });
}

std::array<double, 2> ends_of(const WindowWish& wish, std::span<const PlaneVoxels> planes) {
  const DType dtype = planes[0].dtype;
  if (wish.full) {
    RangeReducer reducer(dtype);
    for (const PlaneVoxels& plane : planes) show(plane, reducer);
    const Range range = reducer.range().value_or(Range{0, 1});
    return {range.low, range.high};
  }
  const Percentiles found = exact_percentiles(dtype, wish.percentiles, [&](Reducer& reducer) {
    for (const PlaneVoxels& plane : planes) show(plane, reducer);
  });
  if (found.summary.count == 0) return {0, 1};
  return {found.values[0], found.values[1]};
}

}  // namespace

int Window::shade(double value) const {
  if (!(high > low)) return value > high ? 255 : 0;
  // In halves where the whole range of doubles would not fit.
  const double span = high - low;
  const double share =
      std::isfinite(span) ? (value - low) / span : (value / 2 - low / 2) / (high / 2 - low / 2);
  const double clamped = std::clamp(share, 0.0, 1.0);
  return static_cast<int>(std::nearbyint((gamma == 1 ? clamped : std::pow(clamped, gamma)) * 255));
}

void check_window(const WindowWish& wish) {
  if (wish.range) {
    const auto [low, high] = *wish.range;
    if (!std::isfinite(low) || !std::isfinite(high) || low > high)
      fail_usage("--range: give two finite numbers, the smaller one first");
  }
  check_percentiles(wish.percentiles, "--percentiles");
  if (wish.percentiles[0] > wish.percentiles[1]) fail_usage("--percentiles: give the smaller one first");
  if (!(wish.gamma > 0) || !std::isfinite(wish.gamma)) fail_usage("--gamma: give a number above 0");
}

Window choose_window(const WindowWish& wish, std::span<const PlaneVoxels> planes) {
  if (wish.range) return {(*wish.range)[0], (*wish.range)[1], wish.gamma};
  if (planes.empty()) return {0, 1, wish.gamma};
  if (of_one_type(planes)) {
    const auto [low, high] = ends_of(wish, planes);
    return {low, high, wish.gamma};
  }
  std::vector<PlaneVoxels> converted;
  for (const PlaneVoxels& plane : planes) converted.push_back(as_float64(plane));
  const auto [low, high] = ends_of(wish, converted);
  return {low, high, wish.gamma};
}

ShownCounts count_shown(const PlaneVoxels& plane, std::int64_t bins) {
  const auto ends = ends_of({.full = true}, {&plane, 1});
  const double low = ends[0];
  const double high = ends[1];
  ShownCounts shown{low, high, std::vector<std::int64_t>(static_cast<std::size_t>(bins))};
  visit_dtype(plane.dtype, [&]<class T>(Type<T>) {
    const T* const voxels = reinterpret_cast<const T*>(plane.voxels.data());
    for (std::int64_t i = 0; i < plane.rows * plane.columns; ++i) {
      const double value = as_double(voxels[i]);
      if (!std::isfinite(value)) continue;
      // In halves, so that the whole range of doubles fits.
      const double share = high > low ? (value / 2 - low / 2) / (high / 2 - low / 2) : 0;
      const auto bin = static_cast<std::int64_t>(share * static_cast<double>(bins));
      ++shown.counts[static_cast<std::size_t>(std::min(bin, bins - 1))];
    }
  });
  return shown;
}

Window choose_symmetric_window(const WindowWish& wish, std::span<const PlaneVoxels> planes) {
  const Window window = choose_window(wish, planes);
  if (wish.range) return window;
  const double most = std::max(std::abs(window.low), std::abs(window.high));
  return {-most, most, window.gamma};
}

}  // namespace vox
