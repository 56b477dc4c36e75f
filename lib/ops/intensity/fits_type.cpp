#include "ops/intensity/fits_type.h"

#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/exact_number.h"

namespace vox {

void check_fits(const std::string& option, long double value, DType dtype) {
  const bool fits = visit_dtype(dtype, [value](auto type) {
    using T = typename decltype(type)::type;
    using Limits = std::numeric_limits<T>;
    if constexpr (is_float_type<T>)
      return true;
    else
      return std::nearbyint(value) == value && value >= static_cast<long double>(Limits::lowest()) &&
             value <= static_cast<long double>(Limits::max());
  });
  if (fits) return;
  fail_usage(option + " " + format_exact(value) + " is no value of " + std::string(dtype_name(dtype)) +
             "; choose another one, or convert the volume first (vconvert -t)");
}

}  // namespace vox
