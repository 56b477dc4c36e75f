// Kernel: mean, variance or standard deviation of a neighbourhood.
#pragma once

#include "ops/filter/footprint.h"
#include "ops/kernel.h"

namespace vox {

enum class Moment { mean, variance, std };

/// Population moments. 8- and 16-bit integers, and for the mean also 32-bit ones, are summed as integers, so
/// the result is the exact one rounded once to the type of the output: integers half to even. Other types are
/// summed in double precision, in an order that depends on the place in the volume alone; their variances are
/// good to about 1e-15 of the largest square. A NaN in the neighbourhood gives NaN, in integers 0. Running
/// sums for boxes of integers (flat in the radius), which go on from slab to slab; boxes of doubles share
/// theirs among four planes and rows: about (2r + 1) / 4 + 2 additions along z and y, and log2(2r + 1) to
/// twice that along x; for balls an addition per voxel of the ball.
class BoxMoments : public Kernel {
 public:
  /// `dtype`: of the output; `input`: of what comes in. REQUIRES: a box, unless the moment is the mean.
  BoxMoments(Moment moment, const Footprint& footprint, DType dtype, DType input)
      : moment_(moment), footprint_(footprint), dtype_(dtype), input_(input) {}

  VolumeMeta output_meta(const VolumeMeta& input) const override;
  Extent3 halo() const override { return footprint_.reach(); }
  std::int64_t scratch_bytes(const Extent3& block) const override;
  void apply(const ConstBlock& in, const Block& out, Tally& tally) const override;
  std::int64_t planes_at_once() const override;
  std::int64_t carried_bytes(std::int64_t rows, std::int64_t columns) const override;
  void apply_on(const ConstBlock& in, const Block& out, Tally& tally, std::byte* carried,
                bool begins) const override;

 private:
  Moment moment_;
  Footprint footprint_;
  DType dtype_;
  DType input_;
};

}  // namespace vox
