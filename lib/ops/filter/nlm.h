// Kernel: non-local means.
#pragma once

#include "ops/kernel.h"

namespace vox {

/// The mean over the voxels of a search box, weighted by how alike the patches around them are (Buades, Coll
/// and Morel, 2005), as scikit-image's denoise_nl_means computes it in fast mode (Darbon et al., 2008): with
/// d the sum of squared differences between two patches, divided by strength^2 and by the voxels of the
/// patch's box, the weight is exp(-d), as a chord between powers of two (Schraudolph, 1999), and 0 where
/// d > 5. As there, the sum leaves out the first plane, row and column of the box, by whose voxels it is
/// divided all the same. An axis with a patch radius of 0 has its centre only (scikit-image then compares
/// nothing).
///
/// Up to 16 bits and float32 in single precision (sums for 8 bits are exact), wider types in double; search
/// offsets are added in scan order. Integers round once, half to even. NaN and infinities stay; patches that
/// hold one are alike only where both have theirs at the same place, and they count in no other voxel's mean.
/// Work grows with the voxels of the search box and with the sum of the patch's radii.
class Nlm : public Kernel {
 public:
  /// REQUIRES: strength from 1e-30 to 1e30.
  Nlm(const Extent3& patch, const Extent3& search, double strength, DType dtype);

  VolumeMeta output_meta(const VolumeMeta& input) const override;
  Extent3 halo() const override;
  std::int64_t planes_at_once() const override { return 2 * Kernel::planes_at_once(); }
  std::int64_t scratch_bytes(const Extent3& block) const override;
  void apply(const ConstBlock& in, const Block& out, Tally& tally) const override;

 private:
  Extent3 patch_;
  Extent3 search_;
  double strength_;
  DType dtype_;
};

}  // namespace vox
