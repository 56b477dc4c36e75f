#include "engine/pyramid_share.h"

#include <algorithm>

namespace vox {
namespace {

/// The smallest interval with all of both; an empty one has nothing.
Interval hull(const Interval& a, const Interval& b) {
  if (a.size() == 0) return b;
  if (b.size() == 0) return a;
  return {std::min(a.begin, b.begin), std::max(a.end, b.end)};
}

}  // namespace

std::vector<Shrink> pyramid_shrinks(ShrinkMethod method, DType dtype, const std::vector<Extent3>& steps) {
  std::vector<Shrink> shrinks;
  shrinks.reserve(steps.size());
  for (const Extent3& step : steps) shrinks.emplace_back(method, dtype, step);
  return shrinks;
}

std::vector<Extent3> pyramid_shapes(const Extent3& shape, const std::vector<Shrink>& shrinks) {
  std::vector<Extent3> shapes{shape};
  for (const Shrink& shrink : shrinks) shapes.push_back(shrink.shape(shapes.back()));
  return shapes;
}

Interval planes_before(const Shrink& shrink, const Interval& made, std::int64_t depth) {
  if (made.size() == 0) return {};
  const std::int64_t begin = std::clamp<std::int64_t>(shrink.planes(made.begin).begin, 0, depth - 1);
  return {begin, std::clamp(shrink.planes(made.end - 1).end, begin + 1, depth)};
}

PyramidShare pyramid_share(const std::vector<Shrink>& shrinks, const std::vector<Extent3>& shapes,
                           const std::vector<Interval>& put) {
  PyramidShare share(put.size());
  for (std::size_t level = put.size(); level-- > 0;) {
    share[level] = {put[level], put[level]};
    if (level + 1 < put.size())
      share[level].made =
          hull(put[level], planes_before(shrinks[level], share[level + 1].made, shapes[level].z));
  }
  return share;
}

PyramidShare whole_pyramid(const std::vector<Extent3>& shapes) {
  PyramidShare share;
  for (const Extent3& shape : shapes) share.push_back({{0, shape.z}, {0, shape.z}});
  return share;
}

}  // namespace vox
