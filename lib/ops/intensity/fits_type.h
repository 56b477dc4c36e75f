// Values of options that voxels of a type can have.
#pragma once

#include <string>

#include "core/dtype.h"

namespace vox {

/// Throws a usage error that names the option unless voxels of that type can be `value`: floating types any,
/// integers whole numbers within their range.
void check_fits(const std::string& option, long double value, DType dtype);

}  // namespace vox
