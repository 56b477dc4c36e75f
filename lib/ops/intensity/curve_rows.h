// The loops under `CurveMap`.
#pragma once

#include <cstdint>

namespace vox {

/// One curve with `knots` >= 2, its values in `values`.
struct CurveView {
  double first;
  double per_unit;  ///< knots per unit of the voxels' values
  double last;      ///< knots - 1
  double stays_up_to;
  const double* values;
};

/// As `CurveMap` says; NaN stays NaN. `out` may be `in`.
void bend_values(const double* in, std::int64_t count, const CurveView& curve, double* out);
void bend_values(const float* in, std::int64_t count, const CurveView& curve, float* out);

}  // namespace vox
