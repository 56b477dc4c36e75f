// Kernel: bilateral filter.
#pragma once

#include <array>
#include <vector>

#include "ops/kernel.h"

namespace vox {

/// The mean over a box, weighted by exp(-d^2 / 2s^2 - dv^2 / 2r^2): d the distance in space, per axis in
/// units of its own s, dv the difference in value to the centre (Tomasi and Manduchi, 1998). No further
/// cut-off. Up to 16 bits and float32 in single precision, the weights good to 1e-4, wider types in double
/// precision, good to 2e-9; neighbours are added in scan order. Integers round once, half to even. NaN and
/// infinities stay, and count in no other voxel's mean. Work grows with the voxels of the box.
class Bilateral : public Kernel {
 public:
  /// In voxels per axis; `sigma` 0: neighbours along that axis do not count. REQUIRES: range_sigma
  /// from 1e-30 to 1e30.
  struct Widths {
    Vector3 sigma;
    double range_sigma;
    Extent3 reach;
  };

  /// `dtype`: of the output; `input`: of what comes in, at the widest.
  Bilateral(const Widths& widths, DType dtype, DType input = DType::float64);

  VolumeMeta output_meta(const VolumeMeta& input) const override;
  Extent3 halo() const override { return reach_; }
  std::int64_t scratch_bytes(const Extent3& block) const override;
  void apply(const ConstBlock& in, const Block& out, Tally& tally) const override;
  std::int64_t carried_bytes(std::int64_t rows, std::int64_t columns) const override;
  void apply_on(const ConstBlock& in, const Block& out, Tally& tally, std::byte* carried,
                bool begins) const override;

 private:
  Extent3 reach_;
  std::array<std::vector<double>, 3> exponents_;  ///< log2 of the weight in space, along each axis
  double scale_;                                  ///< of values: weights are then 2^-(difference^2)
  DType dtype_;
  std::int64_t work_bytes_;  ///< of the numbers that are computed with
};

}  // namespace vox
