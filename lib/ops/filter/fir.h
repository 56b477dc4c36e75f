// Kernel: sums of separable weighted neighbourhoods, under everything linear and the magnitudes of gradients.
#pragma once

#include <optional>
#include <vector>

#include "ops/filter/fir_outside.h"
#include "ops/kernel.h"

namespace vox {

/// What becomes of several terms.
enum class FirMerge {
  sum,
  magnitude,  ///< the square root of the sum of squares
};

/// Along z, then y, then x, in double precision throughout, in a fixed order: the centre, then the pairs of
/// neighbours from the nearest outwards, the two of a pair added first. The result is rounded once to the
/// type of the output: integers half to even, saturating. A NaN in the neighbourhood gives NaN, in integers
/// 0; infinities as in arithmetic. Work grows with the sum of the reaches; what terms have in common is
/// computed once. What is outside of the volume is seen by all axes at once; with `outside`, by one after the
/// other: the results along an axis are extended by the constant again before the next (`FirOutside`).
class Fir : public Kernel {
 public:
  Fir(std::vector<FirTerm> terms, FirMerge merge, DType dtype,
      const std::optional<ConstantOutside>& outside = std::nullopt);

  /// The value map stays as for a mean. Derived kernels say otherwise.
  VolumeMeta output_meta(const VolumeMeta& input) const override;
  Extent3 halo() const override { return reach_; }
  std::int64_t planes_at_once() const override;
  std::int64_t scratch_bytes(const Extent3& block) const override;
  void apply(const ConstBlock& in, const Block& out, Tally& tally) const override;

 protected:
  FirMerge merge() const { return merge_; }

 private:
  std::vector<FirTerm> terms_;
  std::vector<FirOutside> outside_;  ///< one a term, or none
  FirMerge merge_;
  DType dtype_;
  Extent3 reach_;
};

/// For terms whose weights add up to 0, with factors of 1 / voxel^power in them: a constant drops out of the
/// value map.
class FirDifference : public Fir {
 public:
  using Fir::Fir;
  VolumeMeta output_meta(const VolumeMeta& input) const override;
};

/// scipy.ndimage's weights of a Gaussian or of its first or second derivative, out to int(truncate * sigma +
/// 0.5). Sigma 0: no smoothing. REQUIRES: sigma > 0 for derivatives.
Taps gaussian_taps(double sigma, double truncate, int order);

/// Every weight times `factor`.
Taps scaled(Taps taps, double factor);

}  // namespace vox
