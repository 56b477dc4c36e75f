#include "ops/label/object_choice.h"

#include <algorithm>

namespace vox {
namespace {

/// Physical limits are divided by the volume of a voxel, which leaves a few wrong digits.
constexpr double kRounding = 1e-9;

bool within_limits(const ObjectFacts& object, const ObjectChoice& choice) {
  const auto voxels = static_cast<double>(object.voxels);
  if (choice.drop_border && object.touches_border) return false;
  if (choice.min_size && voxels < *choice.min_size * (1 - kRounding)) return false;
  return !choice.max_size || voxels <= *choice.max_size * (1 + kRounding);
}

}  // namespace

std::vector<std::int64_t> chosen_objects(std::span<const ObjectFacts> objects, const ObjectChoice& choice) {
  std::vector<std::int64_t> kept;
  for (std::size_t i = 0; i < objects.size(); ++i)
    if (within_limits(objects[i], choice)) kept.push_back(static_cast<std::int64_t>(i));
  if (!choice.keep_largest && !choice.by_size) return kept;
  std::stable_sort(kept.begin(), kept.end(), [&](std::int64_t a, std::int64_t b) {
    return objects[static_cast<std::size_t>(a)].voxels > objects[static_cast<std::size_t>(b)].voxels;
  });
  if (choice.keep_largest && *choice.keep_largest < static_cast<std::int64_t>(kept.size()))
    kept.resize(static_cast<std::size_t>(*choice.keep_largest));
  if (!choice.by_size) std::sort(kept.begin(), kept.end());
  return kept;
}

}  // namespace vox
