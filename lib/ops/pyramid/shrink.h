// One level of a pyramid from the one before: every voxel stands for a box of voxels.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/dtype.h"
#include "core/extent.h"

namespace vox {

/// How the voxels of a box become one. The box of voxel i begins at i * factor; at a volume's end it is what
/// is left there.
///   mean      integers: rounded half to even; floating types: summed in double precision
///   gaussian  sigma of half a factor around the box's centre, over the box and half a factor beyond on
///   either
///             side, the volume's last voxels repeated; rounded half to even
///   nearest   the voxel at factor / 2, rounded down, or the last
///   mode      the most frequent value, of several the smallest
///   max, min
/// NaN makes mean, gaussian, max and min NaN; for mode NaN are equal and the largest value.
enum class ShrinkMethod { mean, gaussian, nearest, mode, max, min };

std::string_view shrink_method_name(ShrinkMethod method);
/// None for any other name.
std::optional<ShrinkMethod> shrink_method_named(std::string_view name);

class Shrink {
 public:
  Shrink(ShrinkMethod method, DType dtype, const Extent3& factor);

  const Extent3& factor() const { return factor_; }
  /// ceil(in / factor).
  Extent3 shape(const Extent3& in) const;
  /// True when planes that `planes` names beyond the volume's ends are those at the ends; else there are
  /// none.
  bool repeats_ends() const { return method_ == ShrinkMethod::gaussian || method_ == ShrinkMethod::nearest; }
  /// True when rows and planes beside the box count too.
  bool reaches_beyond() const { return method_ == ShrinkMethod::gaussian; }
  /// Planes of the volume before that plane `z` looks at, before they are clipped to the volume.
  Interval planes(std::int64_t z) const;
  /// Rows of an output plane from the planes that `planes` names. `in` is the shape of the volume before;
  /// `out` points to the first of the rows, which are dense.
  void apply(std::span<const std::byte* const> planes, const Extent3& in, const Interval& rows,
             std::byte* out) const;
  /// What one call holds.
  std::int64_t scratch_bytes(const Extent3& in) const;

 private:
  void gaussian_rows(std::span<const std::byte* const> planes, const Extent3& in, const Interval& rows,
                     std::byte* out) const;

  ShrinkMethod method_;
  DType dtype_;
  Extent3 factor_;
  std::vector<double> weights_z_, weights_y_, weights_x_;  ///< of gaussian
};

}  // namespace vox
