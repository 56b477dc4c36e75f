// Which voxel each pixel of a picture shows.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/meta.h"
#include "core/voxel_grid.h"
#include "ops/stats/profile.h"

namespace vox {

/// One side of a plane as it is drawn: pixel i shows voxel floor((i + 0.5) * size / pixels), the nearest.
struct PixelAxis {
  Axis axis = Axis::z;
  std::vector<std::int64_t> voxels = {};    ///< those that are shown, increasing
  std::vector<std::int64_t> of_pixel = {};  ///< for each pixel its place in `voxels`

  std::int64_t pixels() const { return static_cast<std::int64_t>(of_pixel.size()); }
};
PixelAxis pixel_axis(Axis axis, std::int64_t size, std::int64_t pixels);

/// A plane within a picture.
struct Panel {
  Axis normal = Axis::z;
  std::int64_t index = 0;
  PixelAxis vertical;
  PixelAxis horizontal;
  std::int64_t left = 0;
  std::int64_t top = 0;

  /// The voxels that are read for it.
  VoxelGrid grid() const;
  /// True when the voxels read, dense in (z, y, x) order, have the panel's columns as rows.
  bool turned() const { return vertical.axis > horizontal.axis; }
};

struct Scene {
  std::int64_t width = 0;
  std::int64_t height = 0;
  double pixel_size = 1;  ///< in the unit of the spacing
  std::vector<Panel> panels = {};
};

/// What a picture is made of.
struct SceneSpec {
  Extent3 shape;
  Vector3 spacing{1, 1, 1};
  /// Height and width in pixels that the picture fits into, exactly on one side when it is of one plane;
  /// none: the finest of the axes shown has one pixel for each voxel, others are stretched to
  /// round-half-even(size * spacing / finest).
  std::optional<std::array<std::int64_t, 2>> box = {};
  std::int64_t gap = 0;  ///< pixels between planes
};

/// Planes `indices` across `normal` in rows of `columns`. Of the other two axes the first goes down, the
/// second to the right. Throws a usage error for a picture with a side beyond `kMostPixels`.
Scene grid_scene(const SceneSpec& spec, Axis normal, const std::vector<std::int64_t>& indices,
                 std::int64_t columns);

/// Three planes through one point: z (y down, x right), to its right x (y down, z right), below it y (z down,
/// x right).
Scene ortho_scene(const SceneSpec& spec, const std::array<std::int64_t, 3>& point);

}  // namespace vox
