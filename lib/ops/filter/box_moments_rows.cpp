#include "ops/filter/box_moments_rows.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>

#include "ops/filter/store_row.h"
#include "ops/scratch.h"
#include "ops/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/filter/box_moments_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

#include "ops/filter/window_sums-inl.h"

#include "ops/filter/running_sums-inl.h"

/// Every NaN becomes the same one; its bits would depend on the order of operands.
double same_nan(double value) { return value == value ? value : std::numeric_limits<double>::quiet_NaN(); }

template <class Sum>
void means_of(const Sum* sums, double count, double* out, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) out[i] = same_nan(static_cast<double>(sums[i]) / count);
}

/// Sums of `count` integers of at most 16 bits over their odd count, rounded: never a tie, and never nearer
/// to one than 0.5 / count, so that the product with the reciprocal is as good as the quotient: in double
/// precision always, in single up to kMostForFloats. `Whole`: an integer type that holds the sums and
/// converts fast.
template <class Real, class Whole, class T, class Sum>
void rounded_means_of(const Sum* sums, std::int64_t count, T* out, std::int64_t n) {
  constexpr Real kAbove = 65536;  // to cut off is to round down
  const Real half = static_cast<Real>(count) / 2 + kAbove * static_cast<Real>(count);
  const Real reciprocal = 1 / static_cast<Real>(count);
#pragma GCC ivdep
  for (std::int64_t i = 0; i < n; ++i)
    out[i] = static_cast<T>(
        static_cast<std::int32_t>((static_cast<Real>(static_cast<Whole>(sums[i])) + half) * reciprocal));
}

/// Sums and half are exact below 2^23; the reciprocal and the product are off by 2^-24 of less than 2^17
/// each, together by less than 0.5 / 31.
constexpr std::int64_t kMostForFloats = 31;

/// Up to so many voxels of 16 bits, count times the sum of their squares is a whole double.
constexpr std::int64_t kMostForDoubles = 1448;

inline double whole(std::uint32_t value) { return value; }
inline double whole(std::int32_t value) { return value; }
/// REQUIRES: value < 2^52.
inline double whole(std::uint64_t value) {
  return std::bit_cast<double>(value | std::uint64_t{0x433} << 52) - 0x1p52;
}

/// n * squares - sum^2 over n^2, exact up to the division. REQUIRES: count <= kMostForDoubles.
template <class Sum, class Square, class Real>
void small_variances_of(const Sum* sums, const Square* squares, std::int64_t count, Real* out,
                        std::int64_t n) {
  const auto voxels = static_cast<double>(count);
#pragma GCC ivdep
  for (std::int64_t i = 0; i < n; ++i) {
    const double sum = whole(sums[i]);
    out[i] = static_cast<Real>((voxels * whole(squares[i]) - sum * sum) / (voxels * voxels));
  }
}

/// Up to so many voxels of 16 bits, n^2 times their variance is below 2^63.
constexpr std::int64_t kMostForWords = 65535;

/// The same for value < 2^63, rounded once.
inline double rounded(std::uint64_t value) { return whole(value >> 32) * 0x1p32 + whole(value & 0xffffffff); }

/// n * squares - sum^2 over n^2, exact up to the conversion: products may pass 2^64, their difference does
/// not. REQUIRES: count <= kMostForWords.
template <class Sum>
void large_variances_of(const Sum* sums, const std::uint64_t* squares, std::int64_t count, double* out,
                        std::int64_t n) {
  const auto voxels = static_cast<double>(count);
  const auto factor = static_cast<std::uint64_t>(count);
#pragma GCC ivdep
  for (std::int64_t i = 0; i < n; ++i) {
    const auto sum = static_cast<std::uint64_t>(std::int64_t{sums[i]});
    out[i] = rounded(factor * squares[i] - sum * sum) / (voxels * voxels);
  }
}

/// n * squares - sum^2 over n^2; exact up to the division for integers.
template <class Sum, class Square>
void variances_of(const Sum* sums, const Square* squares, std::int64_t count, double* out, std::int64_t n) {
  const auto voxels = static_cast<double>(count);
  if constexpr (std::is_integral_v<Sum>) {
    __extension__ using Wide = __int128;
    for (std::int64_t i = 0; i < n; ++i) {
      const Wide spread = static_cast<Wide>(count) * squares[i] - static_cast<Wide>(sums[i]) * sums[i];
      out[i] = static_cast<double>(spread) / (voxels * voxels);
    }
  } else {
    for (std::int64_t i = 0; i < n; ++i) {
      const double mean = sums[i] / voxels;
      const double variance = squares[i] / voxels - mean * mean;
      out[i] = variance < 0 ? 0 : same_nan(variance);
    }
  }
}

void roots_of(double* row, std::int64_t n) {
  const hn::ScalableTag<double> d;
  const hn::CappedTag<double, 1> one;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(hn::Sqrt(hn::LoadU(d, row + i)), d, row + i);
  for (; i < n; ++i) hn::StoreU(hn::Sqrt(hn::LoadU(one, row + i)), one, row + i);
}

template <class T>
constexpr bool kFewBits = !is_float_type<T> && sizeof(T) <= 2;

/// The type in which sums of so many voxels are exact.
template <class T>
using NarrowSum = std::conditional_t<std::is_signed_v<T>, std::int32_t, std::uint32_t>;

/// The memory for sums of voxels and of their squares, each part large enough for any type of sums.
struct Parts {
  Parts(std::byte* scratch, const Extent3& block, const Extent3& reach, const Carried& carried)
      : row_bytes(scratch_row_bytes(block.x + 2 * reach.x, sizeof(double))),
        row(scratch),
        row_of_squares(row + row_bytes),
        sums(row_of_squares + row_bytes),
        squares(sums + row_bytes),
        result(reinterpret_cast<double*>(squares + row_bytes)),
        columns(carried.sums != nullptr ? carried.sums : squares + 2 * row_bytes),
        columns_of_squares(columns + (block.y + (carried.sums != nullptr ? 0 : 2 * reach.y)) * row_bytes),
        begins(carried.begins) {}
  std::int64_t row_bytes;
  std::byte* row;
  std::byte* row_of_squares;
  std::byte* sums;
  std::byte* squares;
  double* result;
  std::byte* columns;
  std::byte* columns_of_squares;
  bool begins;
};

/// Sums over boxes of integers run.
template <class T, class Sum, bool kSquare, bool kBox>
auto window_of(const ConstBlock& in, const Footprint& footprint, const Parts& parts) {
  std::byte* columns = kSquare ? parts.columns_of_squares : parts.columns;
  std::byte* row = kSquare ? parts.row_of_squares : parts.row;
  if constexpr (kBox && std::is_integral_v<Sum>)
    return RunningSums<T, Sum, kSquare>(in, footprint.reach(), columns, row, parts.begins);
  else
    return WindowSums<T, Sum, kSquare>(in, footprint, columns, row);
}

template <class T, class Sum, bool kBox>
void means(const ConstBlock& in, const Block& out, const Footprint& footprint, const Parts& parts,
           Tally& tally) {
  auto window = window_of<T, Sum, false, kBox>(in, footprint, parts);
  auto* sums = reinterpret_cast<Sum*>(parts.sums);
  const Extent3 size = out.shape();
  const std::int64_t count = footprint.count();
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::int64_t y = 0; y < size.y; ++y) {
      window.sums(z, y, sums);
      if constexpr (kFewBits<T>) {
        if (out.dtype == in.dtype) {
          auto* row = reinterpret_cast<T*>(out.row(z, y));
          if (count <= kMostForFloats)
            rounded_means_of<float, std::int32_t>(sums, count, row, size.x);
          else if (count < 1 << 15)
            rounded_means_of<double, std::int32_t>(sums, count, row, size.x);
          else
            rounded_means_of<double, Sum>(sums, count, row, size.x);
          continue;
        }
      }
      means_of(sums, static_cast<double>(count), parts.result, size.x);
      store_doubles(parts.result, out.dtype, out.row(z, y), size.x, tally);
    }
}

template <class T, class Sum, class Square>
void variances(Moment moment, const ConstBlock& in, const Block& out, const Footprint& footprint,
               const Parts& parts, Tally& tally) {
  auto window = window_of<T, Sum, false, true>(in, footprint, parts);
  auto squares_window = window_of<T, Square, true, true>(in, footprint, parts);
  auto* sums = reinterpret_cast<Sum*>(parts.sums);
  auto* squares = reinterpret_cast<Square*>(parts.squares);
  const Extent3 size = out.shape();
  const std::int64_t count = footprint.count();
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::int64_t y = 0; y < size.y; ++y) {
      window.sums(z, y, sums);
      squares_window.sums(z, y, squares);
      if constexpr (kFewBits<T> && sizeof(Sum) == 4) {
        if (count <= kMostForDoubles && moment == Moment::variance && out.dtype == DType::float32) {
          small_variances_of(sums, squares, count, reinterpret_cast<float*>(out.row(z, y)), size.x);
          continue;
        }
      }
      if constexpr (std::is_same_v<Sum, Square> && !std::is_same_v<Sum, std::uint32_t>)
        variances_of(sums, squares, count, parts.result, size.x);
      else if constexpr (sizeof(Square) == 4)
        // NOLINTNEXTLINE(bugprone-branch-clone): the last branch takes no such squares
        small_variances_of(sums, squares, count, parts.result, size.x);
      else if (count <= kMostForDoubles)
        small_variances_of(sums, squares, count, parts.result, size.x);
      else
        large_variances_of(sums, squares, count, parts.result, size.x);
      if (moment == Moment::std) roots_of(parts.result, size.x);
      store_doubles(parts.result, out.dtype, out.row(z, y), size.x, tally);
    }
}

void moments(Moment moment, const ConstBlock& in, const Block& out, const Footprint& footprint,
             std::byte* scratch, const Carried& carried, Tally& tally) {
  const Parts parts(scratch, out.shape(), footprint.reach(), carried);
  const bool box = footprint.shape() == Shape::box;
  visit_dtype(in.dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    using Wide = std::conditional_t<!is_float_type<T> && sizeof(T) <= 4, std::int64_t, double>;
    using Squares = std::conditional_t<kFewBits<T>, std::int64_t, double>;
    if constexpr (kFewBits<T>) {
      const std::int64_t count = footprint.count();
      if (moment == Moment::mean && count < (std::is_signed_v<T> ? 1 << 15 : 1 << 16))
        return box ? means<T, NarrowSum<T>, true>(in, out, footprint, parts, tally)
                   : means<T, NarrowSum<T>, false>(in, out, footprint, parts, tally);
      using Square = std::conditional_t<sizeof(T) == 1, std::uint32_t, std::uint64_t>;
      if (moment != Moment::mean && count <= kMostForDoubles)
        return variances<T, NarrowSum<T>, Square>(moment, in, out, footprint, parts, tally);
      if (moment != Moment::mean && count <= kMostForWords)
        return variances<T, NarrowSum<T>, std::uint64_t>(moment, in, out, footprint, parts, tally);
    }
    if (moment != Moment::mean)
      return variances<T, Squares, Squares>(moment, in, out, footprint, parts, tally);
    if (box) return means<T, Wide, true>(in, out, footprint, parts, tally);
    means<T, Wide, false>(in, out, footprint, parts, tally);
  });
}

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(moments);

}  // namespace

void box_moments_rows(Moment moment, const ConstBlock& in, const Block& out, const Footprint& footprint,
                      std::byte* scratch, const Carried& carried, Tally& tally) {
  VOX_SIMD_CALL(moments)(moment, in, out, footprint, scratch, carried, tally);
}

std::int64_t box_moments_scratch(const Extent3& block, const Extent3& reach) {
  const std::int64_t rows = 2 * (block.y + 2 * reach.y) + 5;
  return rows * scratch_row_bytes(block.x + 2 * reach.x, sizeof(double));
}

std::int64_t box_moments_carried(std::int64_t rows, std::int64_t columns, const Extent3& reach) {
  return 2 * rows * scratch_row_bytes(columns + 2 * reach.x, sizeof(double));
}

}  // namespace vox
#endif  // HWY_ONCE
