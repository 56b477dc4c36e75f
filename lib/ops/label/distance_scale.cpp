#include "ops/label/distance_scale.h"

#include <algorithm>
#include <cmath>

namespace vox {
namespace {

bool divide(const Vector3& spacing, double unit, std::array<std::int64_t, 3>& steps) {
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const double ratio = std::round(spacing[axis] / unit);
    if (ratio > 1 << 15 || ratio * unit != spacing[axis]) return false;
    steps[axis] = static_cast<std::int64_t>(ratio);
  }
  return true;
}

bool fits(const Extent3& shape, const std::array<std::int64_t, 3>& steps) {
  double sum = 0;
  const double lengths[] = {static_cast<double>(shape.z), static_cast<double>(shape.y),
                            static_cast<double>(shape.x)};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const double length = lengths[axis] * static_cast<double>(steps[axis]);
    sum += length * length;
  }
  return sum < kFarSquare;
}

}  // namespace

DistanceScale distance_scale(const Extent3& shape, const std::optional<Vector3>& spacing) {
  DistanceScale scale;
  if (spacing) scale.spacing = *spacing;
  const double least = *std::min_element(scale.spacing.begin(), scale.spacing.end());
  for (int parts = 1; parts <= 8; ++parts) {
    scale.unit = least / parts;
    if (!divide(scale.spacing, scale.unit, scale.steps)) continue;
    scale.whole = fits(shape, scale.steps);
    return scale;
  }
  return scale;
}

}  // namespace vox
