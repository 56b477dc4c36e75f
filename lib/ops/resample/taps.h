// Which voxels of a line, with which weights, make up each voxel of the resampled line.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "ops/resample/grid.h"

namespace vox {

/// How voxels are made, with p = (i + 0.5) * ratio - 0.5:
///   nearest  voxel floor((i + 0.5) * ratio)
///   linear   between the two voxels around p
///   cubic    Catmull-Rom's cubic, four voxels
///   bspline  the cubic spline through all voxels
///   lanczos  a sinc windowed to three voxels on either side
///   area     the mean of the box [i * ratio, (i + 1) * ratio), voxels in part by their part; beyond the
///            volume's end of what is inside
///   mode     the most frequent of the voxels whose centres lie in that box, of several the smallest; nearest
///            where there are none
/// When ratio > 1, the kernels of linear, cubic, bspline and lanczos are widened by it. Weights of those and
/// of lanczos are made to add up to 1 and to have their centre at p, so that a ramp stays one. Beyond the
/// ends a line is mirrored about its faces: d c b a | a b c d | d c b a.
enum class ResampleMethod { nearest, linear, cubic, bspline, lanczos, area, mode };

/// Throws a usage error for an unknown name.
ResampleMethod parse_resample_method(std::string_view name);

/// For each voxel of the new line a run of old ones, never empty.
class Taps {
 public:
  /// `antialias` false: kernels keep their width.
  Taps(const AxisGrid& axis, ResampleMethod method, bool antialias);

  std::int64_t out() const { return static_cast<std::int64_t>(runs_.size()); }
  Interval run(std::int64_t i) const { return runs_[static_cast<std::size_t>(i)]; }
  /// One weight for each voxel of the run; none for nearest and mode.
  const double* weights(std::int64_t i) const {
    return weights_.data() + first_[static_cast<std::size_t>(i)];
  }
  /// The old voxels that the new ones `wanted`, at least one, are made of.
  Interval seen_by(const Interval& wanted) const;
  /// The longest stretch from the first voxel of a run to the end of one that does not end later.
  std::int64_t longest() const { return longest_; }
  std::int64_t memory_bytes() const;

 private:
  void add_run(const Interval& run);
  void add_kernel(const AxisGrid& axis, std::int64_t i, ResampleMethod method, double scale);
  void add_box(const AxisGrid& axis, std::int64_t i);

  std::vector<Interval> runs_;
  std::vector<std::size_t> first_;
  std::vector<double> weights_;
  std::int64_t longest_ = 1;
};

/// The pole of the cubic spline's prefilter, and how many voxels away what it gives is below single
/// precision.
inline constexpr double kSplinePole = -0.26794919243112270647;
inline constexpr std::int64_t kSplineReach = 16;

/// Down columns the prefilter works in blocks that begin at multiples of this, each with rows around it
/// beyond which what it gives is below double precision: a block is the same whoever asks for it.
inline constexpr std::int64_t kSplineBlock = 64;
inline constexpr std::int64_t kSplineMargin = 2 * kSplineReach;
/// The rows of a column of n that the blocks with the rows `wanted` look at.
Interval spline_rows(const Interval& wanted, std::int64_t n);

/// Weights of the first voxels of a line of n whose sum the prefilter begins with.
std::vector<double> spline_start(std::int64_t n);

/// The voxel that stands at `i` of a line of n that is mirrored about its faces.
std::int64_t mirrored(std::int64_t i, std::int64_t n);

}  // namespace vox
