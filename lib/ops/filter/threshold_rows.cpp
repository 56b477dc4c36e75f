#include "ops/filter/threshold_rows.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "ops/simd.h"

#ifndef VOX_THRESHOLD_ONCE
#define VOX_THRESHOLD_ONCE
namespace vox {
namespace {

/// What voxels are compared as.
template <class T>
using Compared = std::conditional_t<std::is_same_v<T, float16>, float, T>;

/// low <= value <= high; nothing when low > high.
template <class C>
struct Closed {
  C low;
  C high;
};

/// The integers in an interval.
template <class C>
requires std::is_integral_v<C> Closed<C> closed(const ValueInterval& interval) {
  constexpr Closed<C> kNothing{1, 0};
  constexpr C kLowest = std::numeric_limits<C>::min();
  constexpr C kHighest = std::numeric_limits<C>::max();
  const long double beyond = std::ldexp(1.0L, std::numeric_limits<C>::digits);  // kHighest + 1
  const long double first = std::ceil(interval.low);
  const long double last = std::floor(interval.high);
  if (!(first < beyond) || !(last >= static_cast<long double>(kLowest))) return kNothing;
  Closed<C> result{kLowest, kHighest};
  if (first >= static_cast<long double>(kLowest)) result.low = static_cast<C>(first);
  if (last < beyond) result.high = static_cast<C>(last);
  if (interval.low_open && static_cast<long double>(result.low) == interval.low) {
    if (result.low == kHighest) return kNothing;
    ++result.low;
  }
  if (interval.high_open && static_cast<long double>(result.high) == interval.high) {
    if (result.high == kLowest) return kNothing;
    --result.high;
  }
  return result;
}

/// The floating values in an interval.
template <class C>
requires std::is_floating_point_v<C> Closed<C> closed(const ValueInterval& interval) {
  constexpr C kInfinity = std::numeric_limits<C>::infinity();
  if (std::isnan(interval.low) || std::isnan(interval.high)) return {1, 0};
  Closed<C> result{static_cast<C>(interval.low), static_cast<C>(interval.high)};
  const auto low = static_cast<long double>(result.low);
  const auto high = static_cast<long double>(result.high);
  if (low < interval.low || (interval.low_open && low == interval.low)) {
    if (result.low == kInfinity) return {1, 0};
    result.low = std::nextafter(result.low, kInfinity);
  }
  if (high > interval.high || (interval.high_open && high == interval.high)) {
    if (result.high == -kInfinity) return {1, 0};
    result.high = std::nextafter(result.high, -kInfinity);
  }
  return result;
}

}  // namespace
}  // namespace vox
#endif  // VOX_THRESHOLD_ONCE

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/filter/threshold_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

void to_mask(DType dtype, const std::byte* in, std::uint8_t* out, std::int64_t count,
             const ValueInterval& interval, std::uint8_t inside, std::uint8_t outside) {
  visit_dtype(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    using C = Compared<T>;
    const auto* voxels_in = reinterpret_cast<const T*>(in);
    const Closed<C> range = closed<C>(interval);
    const std::uint8_t difference = inside ^ outside;  // copies: bytes may alias everything
    const std::uint8_t other = outside;
    auto* const mask = out;
    const std::int64_t n = count;
#pragma GCC ivdep
    for (std::int64_t i = 0; i < n; ++i) {
      const auto value = static_cast<C>(voxels_in[i]);
      const bool within = (value >= range.low) & (value <= range.high);
      mask[i] = static_cast<std::uint8_t>(other ^ (difference & -static_cast<int>(within)));
    }
  });
}

void keeping(DType dtype, const std::byte* in, std::byte* out, std::int64_t count,
             const ValueInterval& interval, const std::byte* outside) {
  visit_dtype(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    using C = Compared<T>;
    const auto* voxels_in = reinterpret_cast<const T*>(in);
    auto* voxels_out = reinterpret_cast<T*>(out);
    const Closed<C> range = closed<C>(interval);
    T other;
    std::memcpy(static_cast<void*>(&other), outside, sizeof other);
    const std::int64_t n = count;
#pragma GCC ivdep
    for (std::int64_t i = 0; i < n; ++i) {
      const T voxel = voxels_in[i];
      const auto value = static_cast<C>(voxel);
      const bool within = (value >= range.low) & (value <= range.high);
      voxels_out[i] = within ? voxel : other;
    }
  });
}

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(to_mask);
VOX_SIMD_TABLE(keeping);

}  // namespace

void threshold_to_mask(DType dtype, const std::byte* in, std::uint8_t* out, std::int64_t count,
                       const ValueInterval& interval, std::uint8_t inside, std::uint8_t outside) {
  VOX_SIMD_CALL(to_mask)(dtype, in, out, count, interval, inside, outside);
}

void threshold_keeping(DType dtype, const std::byte* in, std::byte* out, std::int64_t count,
                       const ValueInterval& interval, const std::byte* outside) {
  VOX_SIMD_CALL(keeping)(dtype, in, out, count, interval, outside);
}

}  // namespace vox
#endif  // HWY_ONCE
