// The most frequent of some values.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "core/dtype.h"

namespace vox {

template <class T>
bool is_nan(T value) {
  if constexpr (is_float_type<T>)
    return std::isnan(as_double(value));
  else
    return false;
}

/// NaN are equal and the largest value.
template <class T>
bool sorts_before(T a, T b) {
  if constexpr (is_float_type<T>) {
    if (is_nan(a) || is_nan(b)) return !is_nan(a) && is_nan(b);
    return as_double(a) < as_double(b);
  } else {
    return a < b;
  }
}

/// Of several the smallest. `values` are sorted by it.
template <class T>
T most_frequent(std::vector<T>& values) {
  std::sort(values.begin(), values.end(), sorts_before<T>);
  T best = values.front();
  std::size_t most = 0;
  for (std::size_t i = 0; i < values.size();) {
    std::size_t end = i + 1;
    while (end < values.size() && !sorts_before(values[i], values[end])) ++end;
    if (end - i > most) {
      most = end - i;
      best = values[i];
    }
    i = end;
  }
  return best;
}

}  // namespace vox
