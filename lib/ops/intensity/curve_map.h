// Kernel: values through piecewise linear curves, one for the volume or one for each section of planes.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "ops/kernel.h"

namespace vox {

/// Curves whose knots lie at the same evenly spaced values; below the first and above the last knot a curve
/// is level, as numpy.interp has it.
struct Curves {
  double first = 0;            ///< value of the first knot
  double step = 1;             ///< between knots, positive
  std::int64_t knots = 1;      ///< of each curve
  std::vector<double> values;  ///< of the first curve at its knots, then of the next
  /// For each plane the number of its curve, or -1: the plane stays as it is. Empty: all planes have the
  /// first.
  std::vector<std::int32_t> curve_of_plane = {};
  /// Voxels up to this value stay as they are; NaN: none do.
  double stays_up_to = std::numeric_limits<double>::quiet_NaN();
};

/// Computed in double precision; to integer types rounded half to even, saturating. NaN stays NaN, in integer
/// types it becomes 0 and is counted; infinities end at the ends of the curve. There is no value map behind
/// it.
class CurveMap : public Kernel {
 public:
  CurveMap(DType from, DType to, Curves curves);

  VolumeMeta output_meta(const VolumeMeta& input) const override;
  void apply(const ConstBlock& in, const Block& out, Tally& tally) const override;

 private:
  void bend(const std::byte* in, std::byte* out, std::int64_t count, std::int64_t z, Tally& tally) const;

  DType from_;
  DType to_;
  Curves curves_;
  std::vector<std::byte> table_;  ///< of a single curve, for integer types of up to 16 bits
};

}  // namespace vox
