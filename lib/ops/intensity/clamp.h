// Kernel: clip intensities to a range.
#pragma once

#include "ops/kernel.h"

namespace vox {

/// Values below `low` become `low`, values above `high` become `high`; NaN stays NaN. The limits take the
/// volume's type first: integers round half to even, and stay within the type. The type stays.
class Clamp : public Kernel {
 public:
  /// Throws a usage error when low > high, one is NaN, or the whole range lies outside of the type.
  Clamp(DType dtype, long double low, long double high);

  long double low() const { return low_; }
  long double high() const { return high_; }

  VolumeMeta output_meta(const VolumeMeta& input) const override;
  void apply(const ConstBlock& in, const Block& out, Tally& tally) const override;

 private:
  long double low_;  ///< holds every 64-bit integer
  long double high_;
};

}  // namespace vox
