// The neighbourhood of a voxel: a box, a ball or a cross, as chords along x.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/extent.h"
#include "core/meta.h"

namespace vox {

enum class Shape {
  box,    ///< |d| <= r along every axis
  ball,   ///< (dz / rz)^2 + (dy / ry)^2 + (dx / rx)^2 <= 1
  cross,  ///< the three lines through the centre, |d| <= r along each
};

/// Throws a usage error that lists the names.
void parse_value(std::string_view text, Shape& shape);

/// Radii in voxels, which may be fractions; an axis with a radius below 1 has only its centre. The centre
/// always belongs to it, and it is symmetric along each axis.
class Footprint {
 public:
  Footprint(Shape shape, const Vector3& radius);

  Shape shape() const { return shape_; }
  /// The largest distance along each axis.
  Extent3 reach() const { return reach_; }
  /// Of the row (dz, dy) the voxels -chord <= dx <= chord belong to it; none when negative.
  std::int64_t chord(std::int64_t dz, std::int64_t dy) const;
  /// How many voxels belong to it: an odd number. Looks at every row unless it is a box.
  std::int64_t count() const;

 private:
  Shape shape_;
  Vector3 radius_;
  Extent3 reach_;
};

}  // namespace vox
