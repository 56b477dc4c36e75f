#include "ops/intensity/fits_type.h"

#include <cmath>

#include "core/error.h"
#include "core/numbers.h"

namespace vox {

void check_fits(const std::string& option, double value, DType dtype) {
  if (is_float(dtype)) return;
  if (std::nearbyint(value) == value && value >= lowest_of(dtype) && value <= highest_of(dtype)) return;
  fail_usage(option + " " + format_number(value) + " is no value of " + std::string(dtype_name(dtype)) +
             "; choose another one, or convert the volume first (vconvert -t)");
}

}  // namespace vox
