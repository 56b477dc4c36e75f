// Projections: every line of voxels along an axis becomes one voxel.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/meta.h"

namespace vox {

/// What a line becomes. Voxels count in their order along the line, so that the digits depend on nothing
/// else.
///   max, min  of the voxels' type
///   sum       int64 or uint64 for integers, exact; float64 for floating types, of sums in twice double
///             precision
///   mean      float32, of the sum as above
///   std       float32, population; exact squares for integers of up to 16 bits, else double precision around
///             the first voxel of the line
///   median    float32, the middle or the mean of both middles
/// A NaN makes the line NaN. Infinities count as values: a mean of both is NaN, and so is their std.
enum class ProjectionMethod { max, min, mean, sum, std, median };

/// `leave_out`, of max, min and mean: a NaN counts for nothing, and a line is NaN that has nothing else.
enum class NanRule { spread, leave_out };

DType projected_dtype(ProjectionMethod method, DType dtype);

/// One voxel along `axis`, as thick as the whole and at its centre. The value map follows the values; only
/// max and min of labels and masks are labels and masks.
VolumeMeta projected_meta(const VolumeMeta& input, ProjectionMethod method, Axis axis);

/// Projects `width` neighbouring lines at once. Voxel i of all of them is a row, dense, rows lie `stride`
/// bytes apart.
class Projection {
 public:
  /// `count`: voxels in a line, at least 1.
  Projection(ProjectionMethod method, DType dtype, std::int64_t count, NanRule nan = NanRule::spread);

  DType input() const { return dtype_; }
  DType output() const { return projected_dtype(method_, dtype_); }
  std::int64_t count() const { return count_; }
  /// True: lines must be there as a whole, for `whole_lines`. False: they may come in pieces, to `add`.
  bool needs_whole_lines() const { return method_ == ProjectionMethod::median; }

  /// Of the sums, for each line; begins at a multiple of 16 bytes.
  std::int64_t state_bytes() const;
  /// Takes the next `rows` voxels of each line, the first ones of all when `first`.
  void add(const std::byte* voxels, std::int64_t stride, std::int64_t rows, std::int64_t width, bool first,
           std::byte* state) const;
  /// True when pieces of lines may be taken apart and merged with the same digits: extremes, and whole sums.
  bool can_merge() const;
  /// Adds what `other` has of the pieces that follow. REQUIRES: can_merge, and the same width.
  void merge(const std::byte* other, std::int64_t width, std::byte* state) const;
  /// What the lines came to. Throws when a sum exceeds 64 bits.
  void finish(const std::byte* state, std::int64_t width, std::byte* out) const;

  /// All voxels of the lines at once. Needs scratch of `whole_lines_bytes(width)`.
  void whole_lines(const std::byte* voxels, std::int64_t stride, std::int64_t width, std::byte* out,
                   std::byte* scratch) const;
  std::int64_t whole_lines_bytes(std::int64_t width) const;

 private:
  ProjectionMethod method_;
  DType dtype_;
  std::int64_t count_;
  NanRule nan_;
};

}  // namespace vox
