// Sums over segments of voxels in double precision, in a fixed order of lanes: the same digits on every
// processor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/dtype.h"
#include "ops/stats/inside.h"

namespace vox {

/// Terms of a sum are voxel * factor - shift, between -1 and 1. `factor` is a power of two, `shift` is centre
/// * factor.
struct SumScale {
  double centre = 0;
  double factor = 1;
  double shift = 0;

  /// For voxels in [low, high].
  static SumScale around(double centre, double low, double high);
};

struct SegmentSums {
  double sum = 0;      ///< of the terms
  double squares = 0;  ///< of their squares
  double min = 0;      ///< of the voxels
  double max = 0;
};

/// Voxels as doubles. REQUIRES: count <= kSegment.
void to_doubles(const std::byte* voxels, DType dtype, std::int64_t count, double* out);

/// Sums and extremes of `count` finite values, 1 to kSegment.
SegmentSums segment_sums(const double* values, std::int64_t count, const SumScale& scale);
SegmentSums segment_sums(const std::byte* voxels, DType dtype, std::int64_t count, const SumScale& scale);
/// The sums without the extremes, for less time.
SegmentSums segment_sums_only(const std::byte* voxels, DType dtype, std::int64_t count,
                              const SumScale& scale);

/// Copies the finite ones of `count` <= kSegment voxels to `out`, in order; returns how many. Floating types
/// only.
std::int64_t gather_finite(const std::byte* voxels, DType dtype, std::int64_t count, std::byte* out);

/// How to take the sums of a volume.
struct SegmentSource {
  DType dtype = DType::uint8;
  SumScale scale;
  bool specials = false;  ///< there are NaN or infinities, to be left out
};

/// Calls `run(voxels, count)` for the finite voxels inside the mask of each segment of a row that has any.
template <class Run>
void for_each_finite_segment(std::span<const ConstBlock> blocks, std::int64_t z, std::int64_t y,
                             bool specials, Run&& run) {
  if (!specials) return for_each_segment_inside(blocks, z, y, run);
  SegmentBuffer finite;
  for_each_segment_inside(blocks, z, y, [&](const std::byte* voxels, std::int64_t count) {
    const std::int64_t kept = gather_finite(voxels, blocks[0].dtype, count, finite.bytes);
    if (kept > 0) run(static_cast<const std::byte*>(finite.bytes), kept);
  });
}

}  // namespace vox
