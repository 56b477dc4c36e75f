#include "core/fill_voxels.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace vox {
namespace {

template <class T>
T converted(long double value) {
  if constexpr (is_float_type<T>) {
    return static_cast<T>(static_cast<double>(value));
  } else {
    if (std::isnan(value)) return 0;
    const long double whole = std::nearbyint(value);
    if (whole <= static_cast<long double>(std::numeric_limits<T>::lowest()))
      return std::numeric_limits<T>::lowest();
    if (whole >= static_cast<long double>(std::numeric_limits<T>::max()))
      return std::numeric_limits<T>::max();
    return static_cast<T>(whole);
  }
}

}  // namespace

void fill_voxels(std::byte* data, DType dtype, std::int64_t count, long double value) {
  visit_dtype(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    std::fill_n(reinterpret_cast<T*>(data), count, converted<T>(value));
  });
}

}  // namespace vox
