#include "ops/pyramid/levels.h"

#include <algorithm>
#include <array>

#include "core/error.h"

namespace vox {
namespace {

using Sizes = std::array<std::int64_t, 3>;

Sizes sizes_of(const Extent3& extent) { return {extent.z, extent.y, extent.x}; }

/// Factors by the spacing that a level has.
Sizes halved_axes(const Sizes& shape, const Vector3& spacing, std::size_t first) {
  double smallest = 0;
  for (std::size_t i = first; i < 3; ++i)
    if (shape[i] > 1 && (smallest == 0 || spacing[i] < smallest)) smallest = spacing[i];
  Sizes factors{1, 1, 1};
  for (std::size_t i = first; i < 3; ++i) factors[i] = shape[i] > 1 && spacing[i] < 2 * smallest ? 2 : 1;
  return factors;
}

Sizes fixed_factors(const Sizes& shape, const Extent3& factor, std::size_t first) {
  Sizes factors = sizes_of(factor);
  for (std::size_t i = 0; i < 3; ++i)
    if (shape[i] == 1 || i < first) factors[i] = 1;
  return factors;
}

bool fits(const Sizes& shape, const Sizes& chunk, std::size_t first) {
  return (first > 0 || shape[0] <= chunk[0]) && shape[1] <= chunk[1] && shape[2] <= chunk[2];
}

}  // namespace

std::vector<Extent3> pyramid_steps(const VolumeMeta& meta, const PyramidWish& wish) {
  Sizes shape = sizes_of(meta.shape);
  Vector3 spacing = meta.spacing.value_or(Vector3{1, 1, 1});
  std::vector<Extent3> steps;
  const std::size_t first = wish.keeps_planes ? 1 : 0;  // axis that counts
  const auto is_done = [&] {
    if (wish.levels) return static_cast<std::int64_t>(steps.size()) + 1 >= *wish.levels;
    return fits(shape, sizes_of(wish.chunk), first);
  };
  while (!is_done()) {
    const Sizes factors =
        wish.factor ? fixed_factors(shape, *wish.factor, first) : halved_axes(shape, spacing, first);
    if (factors == Sizes{1, 1, 1}) {
      if (!wish.levels) break;
      fail_usage("--levels " + std::to_string(*wish.levels) + ": after " + std::to_string(steps.size() + 1) +
                 " levels nothing is left to shrink");
    }
    steps.push_back({factors[0], factors[1], factors[2]});
    for (std::size_t i = 0; i < 3; ++i) {
      shape[i] = (shape[i] + factors[i] - 1) / factors[i];
      spacing[i] *= static_cast<double>(factors[i]);
    }
  }
  return steps;
}

}  // namespace vox
