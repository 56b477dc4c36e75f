// Kernel: the largest minus the smallest voxel of a neighbourhood.
#pragma once

#include "ops/filter/extreme.h"

namespace vox {

/// The type stays: signed integers saturate, and count as saturated. NaN anywhere in the neighbourhood gives
/// NaN.
class ValueRange : public Kernel {
 public:
  ValueRange(const Footprint& footprint, DType dtype) : footprint_(footprint), dtype_(dtype) {}

  VolumeMeta output_meta(const VolumeMeta& input) const override;
  Extent3 halo() const override { return footprint_.reach(); }
  std::int64_t planes_at_once() const override;
  std::int64_t scratch_bytes(const Extent3& block) const override;
  void apply(const ConstBlock& in, const Block& out, Tally& tally) const override;

 private:
  Footprint footprint_;
  DType dtype_;
};

}  // namespace vox
