#include "ops/resample/grid.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/numbers.h"

namespace vox {
namespace {

std::array<std::int64_t, 3> as_array(const Extent3& extent) { return {extent.z, extent.y, extent.x}; }

std::int64_t rounded_size(double size) {
  constexpr double kMost = 1e15;
  if (!(size < kMost))
    fail_usage("the resampled volume would have " + format_number(size) + " voxels along an axis");
  const double half = std::floor(size) + 0.5;
  if (std::abs(size - half) <= 1e-12 * size) size = half;
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(std::nearbyint(size)));
}

void check_positive(double value, const char* what) {
  if (!(value > 0) || !std::isfinite(value))
    fail_usage(std::string(what) + " must be positive, not " + format_number(value));
}

/// New spacings.
Vector3 new_spacing(const VolumeMeta& input, const ResampleWish& wish) {
  Vector3 spacing = input.spacing.value_or(Vector3{1, 1, 1});
  for (std::size_t i = 0; i < 3; ++i) {
    if (wish.shape) {
      const std::int64_t out = as_array(*wish.shape)[i];
      if (out < 1) fail_usage("--to-shape must be at least 1 along every axis");
      const std::int64_t in = as_array(input.shape)[i];
      if (in != out) spacing[i] = spacing[i] * static_cast<double>(in) / static_cast<double>(out);
      continue;
    }
    check_positive(wish.zoom[i], "--zoom");
    if (wish.spacing) spacing[i] = (*wish.spacing)[i];
    check_positive(spacing[i], "the spacing");
    spacing[i] /= wish.zoom[i];
    check_positive(spacing[i], "the spacing divided by --zoom");
  }
  return spacing;
}

}  // namespace

ResampleGrid resample_grid(const VolumeMeta& input, const ResampleWish& wish) {
  if (wish.spacing && !input.spacing)
    fail_usage("the volume has no spacing to start from; say it with --spacing, or use --zoom or --to-shape");
  const Vector3 spacing = new_spacing(input, wish);
  const Vector3 old = input.spacing.value_or(Vector3{1, 1, 1});
  ResampleGrid grid;
  for (std::size_t i = 0; i < 3; ++i) {
    AxisGrid& axis = grid[i];
    axis.in = as_array(input.shape)[i];
    const auto in = static_cast<double>(axis.in);
    if (wish.shape) {
      axis.out = as_array(*wish.shape)[i];
      axis.ratio = in / static_cast<double>(axis.out);
    } else if (wish.spacing) {
      axis.out = rounded_size(in * old[i] / spacing[i]);
      axis.ratio = spacing[i] / old[i];
    } else {
      axis.out = rounded_size(in * wish.zoom[i]);
      axis.ratio = 1 / wish.zoom[i];
    }
  }
  try {
    checked_product(checked_voxels({grid[0].out, grid[1].out, grid[2].out}, "the resampled volume"), 8,
                    "the resampled volume");
  } catch (const Error& error) {  // nothing is damaged: the wish is too large
    fail_usage(error.what());
  }
  return grid;
}

VolumeMeta resampled_meta(const VolumeMeta& input, const ResampleWish& wish) {
  const ResampleGrid grid = resample_grid(input, wish);
  VolumeMeta meta = input;
  meta.shape = {grid[0].out, grid[1].out, grid[2].out};
  meta.range.reset();
  const Vector3 spacing = new_spacing(input, wish);
  const Vector3 old = input.spacing.value_or(Vector3{1, 1, 1});
  Vector3 by;
  for (std::size_t i = 0; i < 3; ++i) by[i] = (spacing[i] - old[i]) / 2;
  meta.spacing = spacing;
  meta.origin = moved_origin(input, by);
  return meta;
}

}  // namespace vox
