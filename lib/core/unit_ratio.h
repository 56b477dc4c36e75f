// How many of one unit of length make one of another.
#pragma once

#include <cmath>
#include <string_view>

#include "core/units.h"

namespace vox {

/// Exact where it is a whole number or one over one: 1000 from millimeter to micrometer. NaN or infinite when
/// one of the units is not a length we know.
inline double unit_ratio(std::string_view from, std::string_view to) {
  const double ratio = unit_in_metres(from) / unit_in_metres(to);
  const bool larger = ratio >= 1;
  const double many = larger ? ratio : 1 / ratio;
  const double whole = std::nearbyint(many);
  if (!(std::abs(many - whole) <= 1e-12 * many)) return ratio;
  return larger ? whole : 1 / whole;
}

}  // namespace vox
