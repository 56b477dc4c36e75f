#include "ops/pyramid/shrink_rows.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>

#include "ops/pyramid/most_frequent.h"
#include "ops/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/pyramid/shrink_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

/// Sums of a box: exact for integers.
template <class T>
using Sum =
    std::conditional_t<is_float_type<T>, double,
                       std::conditional_t<(sizeof(T) <= 2), std::int32_t,
                                          std::conditional_t<(sizeof(T) == 4), std::int64_t, __int128>>>;

template <class T>
const T* row_of(const std::byte* row) {
  return reinterpret_cast<const T*>(row);
}

/// sum / count, half to even.
template <class T, class S>
T mean_of(S sum, std::int64_t count) {
  if constexpr (is_float_type<T>) {
    return T(sum / static_cast<double>(count));
  } else {
    const S n = static_cast<S>(count);
    S quotient = sum / n;
    S rest = sum % n;
    if (rest < 0) --quotient, rest += n;
    if (2 * rest > n || (2 * rest == n && quotient % 2 != 0)) ++quotient;
    return static_cast<T>(quotient);
  }
}

/// Pairs of columns and a power of two of voxels: without division.
template <class T, class S>
void mean_pairs(const S* HWY_RESTRICT sums, std::int64_t count, int shift, T* HWY_RESTRICT out) {
  const S half = (S{1} << (shift - 1)) - 1;
  for (std::int64_t i = 0; i < count; ++i) {
    const S sum = sums[2 * i] + sums[2 * i + 1];
    out[i] = static_cast<T>((sum + half + (sum >> shift & 1)) >> shift);
  }
}

template <class T, class S>
void add_row(const T* HWY_RESTRICT row, std::int64_t width, S* HWY_RESTRICT sums) {
  for (std::int64_t x = 0; x < width; ++x) sums[x] += static_cast<S>(row[x]);
}

template <class T, class S>
void mean_row(std::span<const std::byte* const> rows, std::int64_t width, std::int64_t factor, T* out) {
  thread_local std::vector<S> sums;
  sums.assign(static_cast<std::size_t>(width), S(0));
  for (const std::byte* row : rows) add_row(row_of<T>(row), width, sums.data());
  const auto height = static_cast<std::int64_t>(rows.size());
  std::int64_t i = 0;
  if constexpr (!is_float_type<T>) {
    const auto voxels = static_cast<std::uint64_t>(height * 2);
    if (factor == 2 && std::has_single_bit(voxels)) {
      i = width / 2;
      mean_pairs(sums.data(), i, std::countr_zero(voxels), out);
    }
  }
  for (std::int64_t x = i * factor; x < width; x += factor, ++i) {
    const std::int64_t end = std::min(x + factor, width);
    S sum = sums[static_cast<std::size_t>(x)];
    for (std::int64_t k = x + 1; k < end; ++k) sum += sums[static_cast<std::size_t>(k)];
    out[i] = mean_of<T>(sum, height * (end - x));
  }
}

template <class T>
bool before(T a, T b) {
  if (is_nan(a) || is_nan(b)) return !is_nan(a);
  return as_double(a) < as_double(b);
}
template <class T>
requires std::is_integral_v<T>
bool before(T a, T b) { return a < b; }

template <class T>
void mode_row(std::span<const std::byte* const> rows, std::int64_t width, std::int64_t factor, T* out) {
  std::vector<T> values;
  for (std::int64_t x = 0; x < width; x += factor, ++out) {
    const std::int64_t end = std::min(x + factor, width);
    const T first = row_of<T>(rows.front())[x];
    bool all_equal = !is_nan(first);
    for (const std::byte* row : rows)
      for (std::int64_t k = x; k < end; ++k)
        all_equal = all_equal && std::bit_cast<std::array<std::byte, sizeof(T)>>(row_of<T>(row)[k]) ==
                                     std::bit_cast<std::array<std::byte, sizeof(T)>>(first);
    if (all_equal) {
      *out = first;
      continue;
    }
    values.clear();
    for (const std::byte* row : rows) values.insert(values.end(), row_of<T>(row) + x, row_of<T>(row) + end);
    *out = most_frequent(values);
  }
}

template <class T, bool kLargest>
void extreme_row(std::span<const std::byte* const> rows, std::int64_t width, std::int64_t factor, T* out) {
  for (std::int64_t x = 0; x < width; x += factor, ++out) {
    const std::int64_t end = std::min(x + factor, width);
    T best = row_of<T>(rows.front())[x];
    for (const std::byte* row : rows) {
      for (std::int64_t k = x; k < end; ++k) {
        const T value = row_of<T>(row)[k];
        const bool better = kLargest ? before(best, value) : before(value, best);
        if (is_nan(value) || (better && !is_nan(best))) best = value;
      }
    }
    *out = best;
  }
}

template <class T>
void nearest_row(const T* row, std::int64_t width, std::int64_t factor, T* out) {
  for (std::int64_t x = 0; x < width; x += factor, ++out) *out = row[std::min(x + factor / 2, width - 1)];
}

template <class T>
void shrink_typed(ShrinkMethod method, std::span<const std::byte* const> rows, std::int64_t width,
                  std::int64_t factor, T* out) {
  constexpr std::int64_t kVoxelsIn32Bits = 32767;
  switch (method) {
    case ShrinkMethod::mean:
      if (sizeof(T) <= 2 && !is_float_type<T> &&
          static_cast<std::int64_t>(rows.size()) * factor > kVoxelsIn32Bits)
        return mean_row<T, std::conditional_t<is_float_type<T>, double, __int128>>(rows, width, factor, out);
      return mean_row<T, Sum<T>>(rows, width, factor, out);
    case ShrinkMethod::mode:
      return mode_row(rows, width, factor, out);
    case ShrinkMethod::max:
      return extreme_row<T, true>(rows, width, factor, out);
    case ShrinkMethod::min:
      return extreme_row<T, false>(rows, width, factor, out);
    default:
      return nearest_row(row_of<T>(rows.front()), width, factor, out);
  }
}

void shrink_at_level(ShrinkMethod method, DType dtype, std::span<const std::byte* const> rows,
                     std::int64_t width, std::int64_t factor, std::byte* out) {
  visit_dtype(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    shrink_typed(method, rows, width, factor, reinterpret_cast<T*>(out));
  });
}

template <class T>
T rounded(double value) {
  if constexpr (is_float_type<T>) return T(value);
  // Weights may add up to a little more than 1; the ends of 64-bit types are no doubles.
  const double whole = std::nearbyint(value);
  if (!(whole < static_cast<double>(std::numeric_limits<T>::max()))) return std::numeric_limits<T>::max();
  if (whole < static_cast<double>(std::numeric_limits<T>::min())) return std::numeric_limits<T>::min();
  return static_cast<T>(whole);
}

template <class T>
void add_weighted(const T* HWY_RESTRICT row, double weight, std::int64_t width, double* HWY_RESTRICT sums) {
  for (std::int64_t x = 0; x < width; ++x) sums[x] += weight * static_cast<double>(row[x]);
}

void weighted_at_level(DType dtype, std::span<const std::byte* const> rows,
                       std::span<const double> row_weights, std::int64_t width, std::int64_t factor,
                       std::span<const double> column_weights, std::byte* out) {
  visit_dtype(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    thread_local std::vector<double> sums;
    sums.assign(static_cast<std::size_t>(width), 0.0);
    for (std::size_t i = 0; i < rows.size(); ++i)
      add_weighted(row_of<T>(rows[i]), row_weights[i], width, sums.data());
    T* voxel = reinterpret_cast<T*>(out);
    const std::int64_t beyond = factor > 1 ? factor / 2 : 0;
    for (std::int64_t x = 0; x < width; x += factor) {
      double sum = 0;
      for (std::size_t k = 0; k < column_weights.size(); ++k) {
        const std::int64_t column =
            std::clamp<std::int64_t>(x - beyond + static_cast<std::int64_t>(k), 0, width - 1);
        sum += column_weights[k] * sums[static_cast<std::size_t>(column)];
      }
      *voxel++ = rounded<T>(sum);
    }
  });
}

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(shrink_at_level);
VOX_SIMD_TABLE(weighted_at_level);

}  // namespace

void shrink_rows(ShrinkMethod method, DType dtype, std::span<const std::byte* const> rows, std::int64_t width,
                 std::int64_t factor, std::byte* out) {
  VOX_SIMD_CALL(shrink_at_level)(method, dtype, rows, width, factor, out);
}

void shrink_weighted(DType dtype, std::span<const std::byte* const> rows, std::span<const double> row_weights,
                     std::int64_t width, std::int64_t factor, std::span<const double> column_weights,
                     std::byte* out) {
  VOX_SIMD_CALL(weighted_at_level)(dtype, rows, row_weights, width, factor, column_weights, out);
}

}  // namespace vox
#endif  // HWY_ONCE
