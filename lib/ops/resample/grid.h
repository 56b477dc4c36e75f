// Where the voxels of a resampled volume lie in the old one.
#pragma once

#include <array>
#include <optional>

#include "core/meta.h"

namespace vox {

/// What a user asked for: a shape, or a spacing (in the volume's unit) and a zoom by which it is divided; the
/// spacing stays when only a zoom is given.
struct ResampleWish {
  std::optional<Extent3> shape;
  std::optional<Vector3> spacing;
  Vector3 zoom{1, 1, 1};
};

/// One axis: voxel i of `out` lies at (i + 0.5) * ratio - 0.5 among `in` voxels.
struct AxisGrid {
  std::int64_t in = 1;
  std::int64_t out = 1;
  double ratio = 1;  ///< new spacing / spacing

  bool identity() const { return in == out && ratio == 1; }
};

/// Along z, y, x.
using ResampleGrid = std::array<AxisGrid, 3>;

/// out = in * spacing / new spacing, rounded half to even (what is within 1e-12 of a half counts as one), at
/// least 1; with a shape the ratio is in / out. Throws a usage error for what is not positive and finite and
/// for a spacing asked of a volume that has none.
ResampleGrid resample_grid(const VolumeMeta& input, const ResampleWish& wish);

/// Shape, spacing and origin: the first corner stays. A volume without spacing counts as one of spacing 1.
VolumeMeta resampled_meta(const VolumeMeta& input, const ResampleWish& wish);

}  // namespace vox
