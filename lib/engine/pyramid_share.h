// Which planes of a pyramid's levels a run makes: all of them, or those of a part.
#pragma once

#include <vector>

#include "core/meta.h"
#include "ops/pyramid/shrink.h"

namespace vox {

/// Planes of one level.
struct LevelPlanes {
  Interval made;  ///< also those that only the next level needs
  Interval put;   ///< that go into the store; within `made`
};

/// One entry per level.
using PyramidShare = std::vector<LevelPlanes>;

/// What each level is made by, of the one before: one fewer than there are levels.
std::vector<Shrink> pyramid_shrinks(ShrinkMethod method, DType dtype, const std::vector<Extent3>& steps);
std::vector<Extent3> pyramid_shapes(const Extent3& shape, const std::vector<Shrink>& shrinks);

/// Planes of a level of `depth` planes that planes `made` of the next one look at; none for none.
Interval planes_before(const Shrink& shrink, const Interval& made, std::int64_t depth);

/// What has to be made so that the planes `put` of every level can go into the store. A level that no later
/// one needs is made only where it is put. Neighbours beyond `put` are made again by whoever needs them: a
/// few planes where `put` of all levels end at the same place of the volume.
PyramidShare pyramid_share(const std::vector<Shrink>& shrinks, const std::vector<Extent3>& shapes,
                           const std::vector<Interval>& put);
PyramidShare whole_pyramid(const std::vector<Extent3>& shapes);

}  // namespace vox
