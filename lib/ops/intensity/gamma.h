// Kernel: gamma correction.
#pragma once

#include <vector>

#include "ops/kernel.h"

namespace vox {

/// gain * ((v - low) / (high - low)) ^ exponent * (high - low) + low, computed in double precision, in the
/// type of the input; integers round half to even and saturate. Values below `low`, where a power may not
/// exist, count as clipped and become `low` first; above `high` the formula goes on. A range without extent
/// gives `low` everywhere. NaN stays NaN.
///
/// The value map leads back when the exponent is 1, else there is none.
class Gamma : public Kernel {
 public:
  /// REQUIRES: range.low <= range.high, both finite; exponent >= 0, gain > 0.
  Gamma(DType dtype, const Range& range, double exponent, double gain);

  /// The range that stands for a type: from 0 to the largest value of an integer type.
  static Range type_range(DType dtype);

  VolumeMeta output_meta(const VolumeMeta& input) const override;
  void apply(const ConstBlock& in, const Block& out, Tally& tally) const override;

 private:
  void correct(DType dtype, const std::byte* in, std::byte* out, std::int64_t count, Tally& tally) const;
  void count_losses(const std::byte* in, std::int64_t count, Tally& tally) const;

  DType dtype_;
  Range range_;
  double exponent_;
  double gain_;
  std::vector<std::byte> table_;      ///< outputs for every value of an integer type of up to 16 bits
  std::vector<std::uint8_t> losses_;  ///< beside it: 1 clipped, 2 saturated; empty when nothing is lost
};

}  // namespace vox
