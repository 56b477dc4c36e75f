// Kernel: voxels inside an interval of values become one value, the others another.
#pragma once

#include <limits>

#include "ops/kernel.h"

namespace vox {

/// An interval of values; its ends belong to it unless they are open.
struct ValueInterval {
  long double low = -std::numeric_limits<long double>::infinity();  ///< holds every 64-bit integer
  long double high = std::numeric_limits<long double>::infinity();
  bool low_open = false;   ///< low itself lies outside
  bool high_open = false;  ///< high itself lies outside
};

/// Compares exactly, whatever the type of the voxels. NaN lies outside, and nothing lies between NaN and
/// something.
class Threshold : public Kernel {
 public:
  /// uint8 of kind mask: `inside` or `outside`. With `keep` voxels inside stay as they are, and those outside
  /// become `outside`, rounded half to even and saturated. Throws a usage error when the values do not fit.
  Threshold(DType dtype, const ValueInterval& interval, bool keep, double inside, long double outside);

  VolumeMeta output_meta(const VolumeMeta& input) const override;
  void apply(const ConstBlock& in, const Block& out, Tally& tally) const override;

 private:
  ValueInterval interval_;
  bool keep_;
  double inside_;
  long double outside_;
};

}  // namespace vox
