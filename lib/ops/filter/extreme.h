// Kernel: the smallest or the largest voxel of a neighbourhood.
#pragma once

#include "ops/filter/footprint.h"
#include "ops/kernel.h"

namespace vox {

enum class Extremum { min, max };

/// Grey erosion (min) and dilation (max) by a flat element; scipy.ndimage's minimum_filter and
/// maximum_filter. Masks are eroded and dilated alike. NaN anywhere in the neighbourhood gives NaN; -0 lies
/// below +0. Boxes take about (2r+1) / 8 + 2 comparisons along z and y and log4(2r+1) along x, balls and
/// crosses the number of their chords in a plane plus 3 r.
class Extreme : public Kernel {
 public:
  Extreme(Extremum which, const Footprint& footprint, DType dtype)
      : which_(which), footprint_(footprint), dtype_(dtype) {}

  VolumeMeta output_meta(const VolumeMeta& input) const override;
  Extent3 halo() const override { return footprint_.reach(); }
  std::int64_t planes_at_once() const override;
  std::int64_t scratch_bytes(const Extent3& block) const override;
  void apply(const ConstBlock& in, const Block& out, Tally& tally) const override;

 private:
  Extremum which_;
  Footprint footprint_;
  DType dtype_;
};

}  // namespace vox
