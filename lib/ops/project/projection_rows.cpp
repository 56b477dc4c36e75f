#include "ops/project/projection_rows.h"

#include <algorithm>
#include <type_traits>

#include "ops/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/project/projection_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

template <class T>
using Value = std::conditional_t<std::is_same_v<T, float16>, float, T>;

template <class T>
using Integer64 = std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>;

__extension__ typedef __int128 Integer128;

/// The larger (smaller) one, and of equals the first; NaN wins, or with `kKnown` loses.
template <bool kMax, bool kKnown, class C>
C better(C best, C value) {
  const bool replaces = kMax ? value > best : value < best;
  if constexpr (std::is_floating_point_v<C>) {
    const C unknown = kKnown ? best : value;
    return (replaces | (unknown != unknown)) != 0 ? value : best;
  }
  return replaces ? value : best;
}

template <bool kMax, bool kKnown, class T>
void extreme_row(const T* HWY_RESTRICT row, std::int64_t width, bool first, Value<T>* HWY_RESTRICT best) {
  if (first) {
    for (std::int64_t x = 0; x < width; ++x) best[x] = static_cast<Value<T>>(row[x]);
    return;
  }
  for (std::int64_t x = 0; x < width; ++x)
    best[x] = better<kMax, kKnown>(best[x], static_cast<Value<T>>(row[x]));
}

template <class Sum, class T>
void sum_row(const T* HWY_RESTRICT row, std::int64_t width, bool first, Sum* HWY_RESTRICT sums) {
  if (first) std::fill_n(sums, width, Sum{0});
  for (std::int64_t x = 0; x < width; ++x) sums[x] += static_cast<Sum>(row[x]);
}

/// Adds without loss: what a sum had to round goes to `rest`.
template <class T>
void float_sum_row(const T* HWY_RESTRICT row, std::int64_t width, bool first, double* HWY_RESTRICT sums,
                   double* HWY_RESTRICT rests) {
  if (first) {
    std::fill_n(sums, width, 0.0);
    std::fill_n(rests, width, 0.0);
  }
  for (std::int64_t x = 0; x < width; ++x) {
    const double value = static_cast<double>(row[x]);
    const double sum = sums[x] + value;
    const double taken = sum - sums[x];
    rests[x] += (sums[x] - (sum - taken)) + (value - taken);
    sums[x] = sum;
  }
}

/// The same of values that are not NaN, which are counted.
template <class T>
void known_sum_row(const T* HWY_RESTRICT row, std::int64_t width, bool first, double* HWY_RESTRICT sums,
                   double* HWY_RESTRICT rests, std::int64_t* HWY_RESTRICT counts) {
  if (first) {
    std::fill_n(sums, width, 0.0);
    std::fill_n(rests, width, 0.0);
    std::fill_n(counts, width, 0);
  }
  for (std::int64_t x = 0; x < width; ++x) {
    const double there = static_cast<double>(row[x]);
    const bool known = there == there;
    const double value = known ? there : 0;
    const double sum = sums[x] + value;
    const double taken = sum - sums[x];
    rests[x] += (sums[x] - (sum - taken)) + (value - taken);
    sums[x] = sum;
    counts[x] += known ? 1 : 0;
  }
}

template <class T>
void squares_row(const T* HWY_RESTRICT row, std::int64_t width, bool first, std::int64_t* HWY_RESTRICT sums,
                 std::uint64_t* HWY_RESTRICT squares) {
  if (first) {
    std::fill_n(sums, width, 0);
    std::fill_n(squares, width, 0);
  }
  for (std::int64_t x = 0; x < width; ++x) {
    const auto value = static_cast<std::int32_t>(row[x]);
    sums[x] += value;
    // NOLINTNEXTLINE(bugprone-implicit-widening-of-multiplication-result): 16 bits times 16 bits
    squares[x] += static_cast<std::uint32_t>(value) * static_cast<std::uint32_t>(value);
  }
}

/// value - pivot, rounded once.
template <class C>
double difference(C value, C pivot) {
  if constexpr (std::is_integral_v<C>) {
    const auto up = static_cast<std::uint64_t>(value) - static_cast<std::uint64_t>(pivot);
    return value >= pivot ? static_cast<double>(up) : -static_cast<double>(0 - up);
  } else {
    return static_cast<double>(value) - static_cast<double>(pivot);
  }
}

template <class T>
void deviations_row(const T* HWY_RESTRICT row, std::int64_t width, bool first, Value<T>* HWY_RESTRICT pivots,
                    double* HWY_RESTRICT sums, double* HWY_RESTRICT squares) {
  if (first) {
    for (std::int64_t x = 0; x < width; ++x) pivots[x] = static_cast<Value<T>>(row[x]);
    std::fill_n(sums, width, 0.0);
    std::fill_n(squares, width, 0.0);
  }
  for (std::int64_t x = 0; x < width; ++x) {
    const double off = difference(static_cast<Value<T>>(row[x]), pivots[x]);
    sums[x] += off;
    squares[x] += off * off;
  }
}

template <class T>
void add_row(LineState kind, const T* row, std::int64_t width, bool first, std::byte* state) {
  auto* const doubles = reinterpret_cast<double*>(state);
  auto* const extremes = reinterpret_cast<Value<T>*>(state);
  if (kind == LineState::max) return extreme_row<true, false>(row, width, first, extremes);
  if (kind == LineState::min) return extreme_row<false, false>(row, width, first, extremes);
  if (kind == LineState::deviations)
    return deviations_row(row, width, first, reinterpret_cast<Value<T>*>(state), doubles + width,
                          doubles + 2 * width);
  if constexpr (is_float_type<T>) {
    if (kind == LineState::known_max) return extreme_row<true, true>(row, width, first, extremes);
    if (kind == LineState::known_min) return extreme_row<false, true>(row, width, first, extremes);
    if (kind == LineState::known_sum)
      return known_sum_row(row, width, first, doubles, doubles + width,
                           reinterpret_cast<std::int64_t*>(doubles + 2 * width));
    float_sum_row(row, width, first, doubles, doubles + width);
  } else {
    if (kind == LineState::sum) return sum_row(row, width, first, reinterpret_cast<Integer64<T>*>(state));
    if (kind == LineState::wide_sum) return sum_row(row, width, first, reinterpret_cast<Integer128*>(state));
    if constexpr (sizeof(T) <= 2) {
      auto* const sums = reinterpret_cast<std::int64_t*>(state);
      squares_row(row, width, first, sums, reinterpret_cast<std::uint64_t*>(sums + width));
    }
  }
}

void project_at_level(LineState kind, DType dtype, const std::byte* voxels, std::int64_t stride,
                      std::int64_t rows, std::int64_t width, bool first, std::byte* state) {
  visit_dtype(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    for (std::int64_t i = 0; i < rows; ++i)
      add_row(kind, reinterpret_cast<const T*>(voxels + i * stride), width, first && i == 0, state);
  });
}

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(project_at_level);

template <class Bits>
void transpose_typed(const std::byte* voxels, std::int64_t stride, std::int64_t lines, std::int64_t count,
                     Bits* out) {
  for (std::int64_t line = 0; line < lines; ++line) {
    const Bits* row = reinterpret_cast<const Bits*>(voxels + line * stride);
    for (std::int64_t i = 0; i < count; ++i) out[i * lines + line] = row[i];
  }
}

}  // namespace

void project_rows(LineState kind, DType dtype, const std::byte* voxels, std::int64_t stride,
                  std::int64_t rows, std::int64_t width, bool first, std::byte* state) {
  VOX_SIMD_CALL(project_at_level)(kind, dtype, voxels, stride, rows, width, first, state);
}

void transpose_rows(const std::byte* voxels, std::int64_t stride, std::int64_t lines, std::int64_t count,
                    std::int64_t voxel_bytes, std::byte* out) {
  if (voxel_bytes == 1)
    return transpose_typed(voxels, stride, lines, count, reinterpret_cast<std::uint8_t*>(out));
  if (voxel_bytes == 2)
    return transpose_typed(voxels, stride, lines, count, reinterpret_cast<std::uint16_t*>(out));
  if (voxel_bytes == 4)
    return transpose_typed(voxels, stride, lines, count, reinterpret_cast<std::uint32_t*>(out));
  transpose_typed(voxels, stride, lines, count, reinterpret_cast<std::uint64_t*>(out));
}

}  // namespace vox
#endif  // HWY_ONCE
