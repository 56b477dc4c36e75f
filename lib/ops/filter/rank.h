// Kernel: the voxel at one place in the sorted neighbourhood, such as the median.
#pragma once

#include "ops/filter/footprint.h"
#include "ops/kernel.h"

namespace vox {

/// scipy.ndimage's rank_filter: the result is a voxel of the neighbourhood, -0 lies below +0, and a NaN
/// anywhere in it gives NaN. The medians of 3 x 3 x 3 and 5 x 5 x 5 voxels take some 60 and 260 comparisons
/// by networks that share what neighbours have in common; others count voxels (`rank_codes.h`), whose work
/// grows with the radius for boxes and with its square for balls.
class Rank : public Kernel {
 public:
  /// `rank` from 0 (the smallest) to footprint.count() - 1.
  Rank(const Footprint& footprint, std::int64_t rank, DType dtype)
      : footprint_(footprint), rank_(rank), dtype_(dtype) {}

  VolumeMeta output_meta(const VolumeMeta& input) const override;
  Extent3 halo() const override { return footprint_.reach(); }
  std::int64_t scratch_bytes(const Extent3& block) const override;
  void apply(const ConstBlock& in, const Block& out, Tally& tally) const override;

 private:
  /// The median of a whole box with this radius along every axis.
  bool median_of_box(std::int64_t radius) const;

  Footprint footprint_;
  std::int64_t rank_;
  DType dtype_;
};

}  // namespace vox
