// Kernel: stretch one range of intensities onto another, with a change of type.
#pragma once

#include <memory>
#include <vector>

#include "ops/kernel.h"

namespace vox {

/// (v - from.low) / (from.high - from.low) * (to.high - to.low) + to.low in double precision, rounded half to
/// even for integer types. Values outside `from` end at the ends of `to`, as do infinities; NaN stays NaN, in
/// integers it becomes 0 and is counted. A `from` without extent gives 0 everywhere. Values outside count as
/// clipped. The value map leads back through the stretch.
class Rescale : public Kernel {
 public:
  /// `from` must be finite. Throws a usage error when `to` does not fit the type.
  Rescale(DType from_dtype, DType to_dtype, const Range& from, const Range& to);

  VolumeMeta output_meta(const VolumeMeta& input) const override;
  void apply(const ConstBlock& in, const Block& out, Tally& tally) const override;

 private:
  DType to_dtype_;
  Range from_;
  Range to_;
  std::vector<std::byte> table_;  ///< outputs for every value of an integer type of up to 16 bits
};

/// The full range of an integer type, [0, 1] for a floating one.
Range full_range(DType dtype);

}  // namespace vox
