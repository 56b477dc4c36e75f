#include "cli/part_pyramid.h"

#include <algorithm>
#include <filesystem>
#include <limits>

#include "core/error.h"

namespace vox {
namespace {

constexpr double kMostRead = 1.5;  // by all parts together, of the volume

/// Layers of files of a level that end within the first `planes` planes of level 0.
std::int64_t layers_before(const PyramidLayout& layout, std::size_t level, std::int64_t planes) {
  const std::int64_t depth = layout.arrays[level].shard.z;
  const LevelPlan& plan = layout.plan.levels[level];
  if (planes >= layout.plan.meta.shape.z) return (plan.shape.z - 1) / depth + 1;
  return planes / plan.factor.z / depth;
}

/// What parts read of the planes of level 0.
struct Reading {
  std::int64_t most = 0;  ///< by one part
  std::int64_t all = 0;
};

Reading reading_with(const PyramidLayout& layout, const PyramidSpec& spec, std::size_t shared,
                     std::int64_t parts) {
  const VolumeMeta& meta = layout.plan.meta;
  const std::vector<Shrink> shrinks = pyramid_shrinks(spec.method, meta.dtype, spec.steps);
  const std::vector<Extent3> shapes = pyramid_shapes(meta.shape, shrinks);
  const std::int64_t depth = layout.arrays.front().shard.z;
  Reading reading;
  for (std::int64_t part = 1; part <= parts; ++part) {
    const Interval own = planes_of_part(meta.shape.z, depth, {part, parts});
    const PyramidShare share = pyramid_share(shrinks, shapes, planes_of_levels(layout, shared, own));
    reading.most = std::max(reading.most, share.front().made.size());
    reading.all += share.front().made.size();
  }
  return reading;
}

std::int64_t level_voxels(const PyramidLayout& layout, std::size_t level) {
  return voxels(layout.plan.levels[level].shape);
}

}  // namespace

std::vector<Interval> planes_of_levels(const PyramidLayout& layout, std::size_t shared, const Interval& own) {
  std::vector<Interval> planes;
  for (std::size_t level = 0; level < shared; ++level) {
    const std::int64_t depth = layout.arrays[level].shard.z;
    const std::int64_t whole = layout.plan.levels[level].shape.z;
    planes.push_back({std::min(layers_before(layout, level, own.begin) * depth, whole),
                      std::min(layers_before(layout, level, own.end) * depth, whole)});
  }
  return planes;
}

std::size_t levels_to_share(const PyramidLayout& layout, const PyramidSpec& spec, std::int64_t parts) {
  const VolumeMeta& meta = layout.plan.meta;
  const std::int64_t layers = (meta.shape.z - 1) / layout.arrays.front().shard.z + 1;
  const std::size_t levels = layout.arrays.size();
  std::size_t best = 1;
  double shortest = std::numeric_limits<double>::infinity();
  for (std::size_t shared = 1; shared <= levels; ++shared) {
    const Reading reading = reading_with(layout, spec, shared, std::min(parts, layers));
    const auto depth = static_cast<double>(meta.shape.z);
    if (shared > 1 && static_cast<double>(reading.all) > kMostRead * depth) break;
    const double left = shared == levels ? 0
                                         : static_cast<double>(level_voxels(layout, shared - 1)) /
                                               static_cast<double>(level_voxels(layout, 0));
    const double way = static_cast<double>(reading.most) / depth + left;
    if (way >= shortest) continue;
    shortest = way;
    best = shared;
  }
  return best;
}

PyramidSpec spec_of_part(PyramidSpec spec, const PyramidLayout& layout, const Interval& own) {
  const VolumeMeta& meta = layout.plan.meta;
  spec.steps.resize(layout.shared - 1);
  const std::vector<Shrink> shrinks = pyramid_shrinks(spec.method, meta.dtype, spec.steps);
  spec.share = pyramid_share(shrinks, pyramid_shapes(meta.shape, shrinks),
                             planes_of_levels(layout, layout.shared, own));
  return spec;
}

}  // namespace vox
