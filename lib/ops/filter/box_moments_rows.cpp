#include "ops/filter/box_moments_rows.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

#include "ops/filter/store_row.h"
#include "ops/scratch.h"
#include "ops/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/filter/box_moments_rows.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

#include "ops/filter/load_doubles-inl.h"
#include "ops/filter/moment_values-inl.h"
// The order matters.
#include "ops/filter/ball_sums-inl.h"
#include "ops/filter/group_sums-inl.h"
#include "ops/filter/running_sums-inl.h"

/// Every NaN becomes the same one; its bits would depend on the order of operands.
double same_nan(double value) { return value == value ? value : std::numeric_limits<double>::quiet_NaN(); }

template <class T, class Sum>
void means_of(const Sum* sums, std::int64_t count, double* out, std::int64_t n) {
  const auto voxels = static_cast<double>(count);
  for (std::int64_t i = 0; i < n; ++i) {
    using Whole = std::conditional_t<std::is_same_v<Sum, std::uint32_t>, std::int32_t, Sum>;
    auto sum = static_cast<double>(static_cast<Whole>(sums[i]));
    if constexpr (kMiddle<T> != 0) sum += kMiddle<T> * voxels;
    out[i] = same_nan(sum / voxels);
  }
}

/// Sums of `count` integers of at most 16 bits over their odd count, rounded: never a tie, and never nearer
/// to one than 0.5 / count, so that the product with the reciprocal is as good as the quotient: in double
/// precision always, in single up to kMostForFloats.
template <class Real, class T, class Sum>
void rounded_means_of(const Sum* sums, std::int64_t count, T* out, std::int64_t n) {
  using Whole = std::conditional_t<std::is_same_v<Sum, std::uint32_t>, std::int32_t, Sum>;
  constexpr Real kAbove = 65536;  // to cut off is to round down
  const Real half = static_cast<Real>(count) / 2 + (kAbove + kMiddle<T>)*static_cast<Real>(count);
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

/// Up to so many voxels of 16 bits, n^2 times their variance is below 2^63, and the sum of their distances
/// from the middle of their range is within 32 bits with a sign.
constexpr std::int64_t kMostForWords = 65535;

/// Exact for values < 2^52.
template <class D, class V>
hn::Vec<D> whole(D d, V value) {
  const hn::RebindToUnsigned<D> words;
  const auto exponent = hn::Set(words, std::uint64_t{0x433} << 52);
  return hn::Sub(hn::BitCast(d, hn::Or(value, exponent)), hn::Set(d, 0x1p52));
}

/// The nearest to value: its upper half counts multiples of 2^32 in a double from 2^84 on.
template <class D, class V>
hn::Vec<D> rounded(D d, V value) {
  const hn::RebindToUnsigned<D> words;
  const auto high = hn::Or(hn::ShiftRight<32>(value), hn::Set(words, std::uint64_t{0x453} << 52));
  const auto low =
      hn::Or(hn::And(value, hn::Set(words, 0xffffffff)), hn::Set(words, std::uint64_t{0x433} << 52));
  return hn::Add(hn::Sub(hn::BitCast(d, high), hn::Set(d, 0x1p84 + 0x1p52)), hn::BitCast(d, low));
}

/// What a variance is made of: count, square of the count, and its reciprocal.
struct Counts {
  explicit Counts(std::int64_t n)
      : voxels(n), square(static_cast<double>(n) * static_cast<double>(n)), reciprocal(1 / square) {}
  std::int64_t voxels;
  double square;
  double reciprocal;
};

/// spread over the square of the count, the same bits as by division: the product with the reciprocal is off
/// by less than two units in the last place, of which one step leaves 2^-51; and no quotient of a whole
/// number by one below 2^32 comes that near to a tie between two doubles without being it.
template <class D>
hn::Vec<D> over_square(D d, hn::Vec<D> spread, const Counts& counts) {
  const auto square = hn::Set(d, counts.square);
#if HWY_NATIVE_FMA
  const auto reciprocal = hn::Set(d, counts.reciprocal);
  const auto quotient = hn::Mul(spread, reciprocal);
  return hn::MulAdd(hn::NegMulAdd(quotient, square, spread), reciprocal, quotient);
#else
  return hn::Div(spread, square);
#endif
}

/// n * squares - sum^2, exact: both are whole doubles.
template <class D>
hn::Vec<D> small_spread(D d, hn::Vec<D> sum, const std::uint32_t* squares, std::int64_t n) {
  const hn::Rebind<std::uint32_t, D> narrow;
  const auto square = whole(d, hn::PromoteTo(hn::RebindToUnsigned<D>(), hn::LoadU(narrow, squares)));
  return hn::Sub(hn::Mul(hn::Set(d, static_cast<double>(n)), square), hn::Mul(sum, sum));
}
template <class D>
hn::Vec<D> small_spread(D d, hn::Vec<D> sum, const std::uint64_t* squares, std::int64_t n) {
  const auto square = whole(d, hn::LoadU(hn::RebindToUnsigned<D>(), squares));
  return hn::Sub(hn::Mul(hn::Set(d, static_cast<double>(n)), square), hn::Mul(sum, sum));
}

/// Of the lower halves of words.
template <class D>
hn::Vec<D> product([[maybe_unused]] D words, hn::Vec<D> a, hn::Vec<D> b) {
#if HWY_TARGET == HWY_SCALAR
  return hn::Set(words, (hn::GetLane(a) & 0xffffffff) * (hn::GetLane(b) & 0xffffffff));
#else
  const hn::Repartition<std::uint32_t, D> halves;
  return hn::MulEven(hn::BitCast(halves, a), hn::BitCast(halves, b));
#endif
}

/// The same, exact up to the conversion: products may pass 2^64, their difference does not.
/// REQUIRES: n <= kMostForWords.
template <class D>
hn::Vec<D> large_spread(D d, hn::Vec<hn::Rebind<std::int32_t, D>> sum, const std::uint64_t* squares,
                        std::int64_t n) {
  const hn::RebindToUnsigned<D> words;
  const hn::Rebind<std::uint32_t, D> narrow;
  const auto square = hn::LoadU(words, squares);
  const auto factor = hn::Set(words, static_cast<std::uint64_t>(n));
  const auto low = product(words, square, factor);
  const auto high = product(words, hn::ShiftRight<32>(square), factor);
  const auto size = hn::PromoteTo(words, hn::BitCast(narrow, hn::Abs(sum)));
  const auto products = hn::Add(low, hn::ShiftLeft<32>(high));
  return rounded(d, hn::Sub(products, product(words, size, size)));
}

template <class D, class Square, class Real>
void store_variances(D d, const std::uint32_t* sums, const Square* squares, const Counts& counts, Real* out) {
  const hn::Rebind<std::int32_t, D> narrow;
  const hn::Rebind<Real, D> stored;
  const auto sum = hn::LoadU(narrow, reinterpret_cast<const std::int32_t*>(sums));
  auto spread = hn::Zero(d);
  if (counts.voxels <= kMostForDoubles)
    spread = small_spread(d, hn::PromoteTo(d, sum), squares, counts.voxels);
  else if constexpr (sizeof(Square) == 8)
    spread = large_spread(d, sum, squares, counts.voxels);
  const auto variance = over_square(d, spread, counts);
  if constexpr (std::is_same_v<Real, float>)
    hn::StoreU(hn::DemoteTo(stored, variance), stored, out);
  else
    hn::StoreU(variance, stored, out);
}

/// Of 8- and 16-bit integers. REQUIRES: count <= kMostForWords, kMostForDoubles with squares of 32 bits.
template <class Square, class Real>
void variances_of(const std::uint32_t* sums, const Square* squares, std::int64_t count, Real* out,
                  std::int64_t n) {
  const Counts counts(count);
  const hn::ScalableTag<double> d;
  const hn::CappedTag<double, 1> one;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t i = 0;
  for (; i + lanes <= n; i += lanes) store_variances(d, sums + i, squares + i, counts, out + i);
  for (; i < n; ++i) store_variances(one, sums + i, squares + i, counts, out + i);
}

/// Of more of them: exact up to the division.
void variances_of(const std::int64_t* sums, const std::int64_t* squares, std::int64_t count, double* out,
                  std::int64_t n) {
  __extension__ using Wide = __int128;
  const auto voxels = static_cast<double>(count);
  for (std::int64_t i = 0; i < n; ++i) {
    const Wide spread = static_cast<Wide>(count) * squares[i] - static_cast<Wide>(sums[i]) * sums[i];
    out[i] = static_cast<double>(spread) / (voxels * voxels);
  }
}

void variances_of(const double* sums, const double* squares, std::int64_t count, double* out,
                  std::int64_t n) {
  const auto voxels = static_cast<double>(count);
  for (std::int64_t i = 0; i < n; ++i) {
    const double mean = sums[i] / voxels;
    const double variance = squares[i] / voxels - mean * mean;
    out[i] = variance < 0 ? 0 : same_nan(variance);
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

/// The memory for sums of voxels and of their squares, each part large enough for any type of sums.
struct Parts {
  Parts(std::byte* scratch, const Extent3& block, const Extent3& reach, bool run, const Carried& carried)
      : row_bytes(scratch_row_bytes(block.x + 2 * reach.x, sizeof(double))),
        row(scratch),
        sums(row + 2 * row_bytes),
        squares(sums + row_bytes),
        result(reinterpret_cast<double*>(squares + row_bytes)),
        window(carried.sums == nullptr ? squares + 2 * row_bytes : carried.sums),
        window_bytes(box_moments_window_rows(block, reach, run) * row_bytes),
        begins(carried.begins) {}
  std::int64_t row_bytes;
  std::byte* row;  ///< and one for the squares behind it; likewise the window
  std::byte* sums;
  std::byte* squares;
  double* result;
  std::byte* window;
  std::int64_t window_bytes;
  bool begins;
};

/// Sums over boxes of integers run.
template <class T, class Sum, bool kSquare, bool kBox>
auto window_of(const ConstBlock& in, const Footprint& footprint, const Parts& parts) {
  constexpr std::int64_t kSecond = kSquare ? 1 : 0;
  std::byte* window = parts.window + kSecond * parts.window_bytes;
  if constexpr (!kBox)
    return BallSums<T, Sum>(in, footprint);
  else if constexpr (std::is_integral_v<Sum>)
    return RunningSums<T, Sum, kSquare>(in, footprint.reach(), window, parts.row + kSecond * parts.row_bytes,
                                        parts.begins);
  else
    return GroupSums<T, kSquare>(in, footprint.reach(), window);
}

/// Calls `row(z, y)` for each of a block, as the windows for sums of that type want it.
template <class Sum, class Row>
void for_each_row(const Box3& box, Row row) {
  if constexpr (std::is_same_v<Sum, double>) return for_each_grouped_row(box, row);
  const Extent3 size = box.shape();
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::int64_t y = 0; y < size.y; ++y) row(z, y);
}

template <class T, class Sum, bool kBox>
void means(const ConstBlock& in, const Block& out, const Footprint& footprint, const Parts& parts,
           Tally& tally) {
  auto window = window_of<T, Sum, false, kBox>(in, footprint, parts);
  auto* sums = reinterpret_cast<Sum*>(parts.sums);
  const std::int64_t nx = out.shape().x;
  const std::int64_t count = footprint.count();
  for_each_row<Sum>(out.box, [&](std::int64_t z, std::int64_t y) {
    window.sums(z, y, sums);
    if constexpr (kFewBits<T>) {
      if (out.dtype == in.dtype) {
        auto* row = reinterpret_cast<T*>(out.row(z, y));
        if (count <= kMostForFloats)
          rounded_means_of<float>(sums, count, row, nx);
        else
          rounded_means_of<double>(sums, count, row, nx);
        return;
      }
    }
    means_of<T>(sums, count, parts.result, nx);
    store_doubles(parts.result, out.dtype, out.row(z, y), nx, tally);
  });
}

template <class T, class Sum, class Square>
void variances(Moment moment, const ConstBlock& in, const Block& out, const Footprint& footprint,
               const Parts& parts, Tally& tally) {
  auto window = window_of<T, Sum, false, true>(in, footprint, parts);
  auto squares_window = window_of<T, Square, true, true>(in, footprint, parts);
  auto* sums = reinterpret_cast<Sum*>(parts.sums);
  auto* squares = reinterpret_cast<Square*>(parts.squares);
  const std::int64_t nx = out.shape().x;
  const std::int64_t count = footprint.count();
  for_each_row<Sum>(out.box, [&](std::int64_t z, std::int64_t y) {
    window.sums(z, y, sums);
    squares_window.sums(z, y, squares);
    if constexpr (sizeof(Sum) == 4) {
      if (moment == Moment::variance && out.dtype == DType::float32)
        return variances_of(sums, squares, count, reinterpret_cast<float*>(out.row(z, y)), nx);
    }
    variances_of(sums, squares, count, parts.result, nx);
    if (moment == Moment::std) roots_of(parts.result, nx);
    store_doubles(parts.result, out.dtype, out.row(z, y), nx, tally);
  });
}

void moments(Moment moment, const ConstBlock& in, const Block& out, const Footprint& footprint,
             std::byte* scratch, const Carried& carried, Tally& tally) {
  const bool run = box_moments_run(moment, in.dtype);
  const Parts parts(scratch, out.shape(), footprint.reach(), run, carried);
  const bool box = footprint.shape() == Shape::box;
  visit_dtype(in.dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    using Wide = std::conditional_t<!is_float_type<T> && sizeof(T) <= 4, std::int64_t, double>;
    using Squares = std::conditional_t<kFewBits<T>, std::int64_t, double>;
    if constexpr (kFewBits<T>) {
      const std::int64_t count = footprint.count();
      if (moment == Moment::mean && count <= kMostForWords)
        return box ? means<T, std::uint32_t, true>(in, out, footprint, parts, tally)
                   : means<T, std::uint32_t, false>(in, out, footprint, parts, tally);
      using Square = std::conditional_t<sizeof(T) == 1, std::uint32_t, std::uint64_t>;
      if (moment != Moment::mean && count <= kMostForDoubles)
        return variances<T, std::uint32_t, Square>(moment, in, out, footprint, parts, tally);
      if (moment != Moment::mean && count <= kMostForWords)
        return variances<T, std::uint32_t, std::uint64_t>(moment, in, out, footprint, parts, tally);
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

bool box_moments_run(Moment moment, DType from) {
  return !is_float(from) && size_of(from) <= (moment == Moment::mean ? 4 : 2);
}

void box_moments_rows(Moment moment, const ConstBlock& in, const Block& out, const Footprint& footprint,
                      std::byte* scratch, const Carried& carried, Tally& tally) {
  VOX_SIMD_CALL(moments)(moment, in, out, footprint, scratch, carried, tally);
}

std::int64_t box_moments_window_rows(const Extent3& block, const Extent3& reach, bool run) {
  return run ? block.y : kMomentsGroup * (kMomentsGroup + 2 * reach.y + 1);
}

std::int64_t box_moments_scratch(const Extent3& block, const Extent3& reach, bool run) {
  return (2 * box_moments_window_rows(block, reach, run) + 5) *
         scratch_row_bytes(block.x + 2 * reach.x, sizeof(double));
}

std::int64_t box_moments_carried(std::int64_t rows, std::int64_t columns, const Extent3& reach) {
  return 2 * rows * scratch_row_bytes(columns + 2 * reach.x, sizeof(double));
}

}  // namespace vox
#endif  // HWY_ONCE
