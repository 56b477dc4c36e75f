// Which levels a pyramid has.
#pragma once

#include <optional>
#include <vector>

#include "core/meta.h"
#include "ops/pyramid/shrink.h"

namespace vox {

/// What a user may say about it.
struct PyramidWish {
  std::optional<Extent3> factor;            ///< from each level to the next; none: by the spacing
  std::optional<std::int64_t> levels = {};  ///< in all, level 0 too; none: until one chunk holds a level
  Extent3 chunk{64, 64, 64};
  bool keeps_planes = false;  ///< the z axis neither counts nor shrinks
};

/// The factor from each level to the next. By the spacing, an axis is halved when its spacing is less than
/// twice the smallest; axes of one voxel neither count nor shrink. Throws a usage error when the levels asked
/// for cannot be, since nothing is left to shrink.
std::vector<Extent3> pyramid_steps(const VolumeMeta& meta, const PyramidWish& wish);

}  // namespace vox
