#include "ops/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/stats/segment_sums.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/stats/bit_order.h"
#include "ops/stats/segment_sums.h"

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Voxel i of a segment is summed in lane i % 16, on every target.
constexpr std::int64_t kLanes = 16;

struct LaneSums {
  HWY_ALIGN double sum[kLanes] = {};
  HWY_ALIGN double squares[kLanes] = {};
};

template <class D>
HWY_INLINE hn::Vec<D> load_doubles(D d, const double* from) {
  return hn::LoadU(d, from);
}
template <class D>
HWY_INLINE hn::Vec<D> load_doubles(D d, const float* from) {
  return hn::PromoteTo(d, hn::LoadU(hn::Rebind<float, D>(), from));
}

/// Four vectors a round: additions wait for each other. Narrow vectors sweep the segment more than once.
template <class T>
LaneSums sum_lanes(const T* values, std::int64_t count, const SumScale& scale) {
  const hn::CappedTag<double, 4> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto factor = hn::Set(d, scale.factor);
  const auto shift = hn::Set(d, scale.shift);
  LaneSums result;
  const std::int64_t whole_rounds = count / kLanes * kLanes;
  for (std::int64_t first = 0; first < kLanes; first += 4 * lanes) {
    auto sum0 = hn::Zero(d), sum1 = sum0, sum2 = sum0, sum3 = sum0;
    auto squares0 = sum0, squares1 = sum0, squares2 = sum0, squares3 = sum0;
    for (std::int64_t i = first; i < whole_rounds; i += kLanes) {
      const auto term0 = hn::Sub(hn::Mul(load_doubles(d, values + i), factor), shift);
      const auto term1 = hn::Sub(hn::Mul(load_doubles(d, values + i + lanes), factor), shift);
      const auto term2 = hn::Sub(hn::Mul(load_doubles(d, values + i + 2 * lanes), factor), shift);
      const auto term3 = hn::Sub(hn::Mul(load_doubles(d, values + i + 3 * lanes), factor), shift);
      sum0 = hn::Add(sum0, term0);
      sum1 = hn::Add(sum1, term1);
      sum2 = hn::Add(sum2, term2);
      sum3 = hn::Add(sum3, term3);
      squares0 = hn::Add(squares0, hn::Mul(term0, term0));
      squares1 = hn::Add(squares1, hn::Mul(term1, term1));
      squares2 = hn::Add(squares2, hn::Mul(term2, term2));
      squares3 = hn::Add(squares3, hn::Mul(term3, term3));
    }
    hn::StoreU(sum0, d, result.sum + first);
    hn::StoreU(sum1, d, result.sum + first + lanes);
    hn::StoreU(sum2, d, result.sum + first + 2 * lanes);
    hn::StoreU(sum3, d, result.sum + first + 3 * lanes);
    hn::StoreU(squares0, d, result.squares + first);
    hn::StoreU(squares1, d, result.squares + first + lanes);
    hn::StoreU(squares2, d, result.squares + first + 2 * lanes);
    hn::StoreU(squares3, d, result.squares + first + 3 * lanes);
  }
  return result;
}

template <class T>
SegmentSums sum_segment(const T* values, std::int64_t count, const SumScale& scale) {
  LaneSums lanes = sum_lanes(values, count, scale);
  for (std::int64_t i = count / kLanes * kLanes; i < count; ++i) {
    const double term = static_cast<double>(values[i]) * scale.factor - scale.shift;
    lanes.sum[i % kLanes] += term;
    lanes.squares[i % kLanes] += term * term;
  }
  SegmentSums result;
  for (std::int64_t lane = 0; lane < kLanes; ++lane) {
    result.sum += lanes.sum[lane];
    result.squares += lanes.squares[lane];
  }
  return result;
}

SegmentSums sum_floats(const float* values, std::int64_t count, const SumScale& scale) {
  return sum_segment(values, count, scale);
}
SegmentSums sum_doubles(const double* values, std::int64_t count, const SumScale& scale) {
  return sum_segment(values, count, scale);
}

void add_extremes(const double* values, std::int64_t count, SegmentSums& sums) {
  const hn::ScalableTag<double> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  auto min = hn::Set(d, values[0]);
  auto max = min;
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    min = hn::Min(min, hn::LoadU(d, values + i));
    max = hn::Max(max, hn::LoadU(d, values + i));
  }
  sums.min = hn::GetLane(hn::MinOfLanes(d, min));
  sums.max = hn::GetLane(hn::MaxOfLanes(d, max));
  for (; i < count; ++i) {
    sums.min = std::min(sums.min, values[i]);
    sums.max = std::max(sums.max, values[i]);
  }
}

void widen_floats(const float* values, std::int64_t count, double* out) {
  const hn::CappedTag<double, 4> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) hn::StoreU(load_doubles(d, values + i), d, out + i);
  for (; i < count; ++i) out[i] = static_cast<double>(values[i]);
}

template <class D, class T>
HWY_INLINE hn::Vec<D> load_whole_numbers(D d, const T* from) {
  const hn::Rebind<std::int32_t, D> d32;
  return hn::PromoteTo(d, hn::PromoteTo(d32, hn::LoadU(hn::Rebind<T, D>(), from)));
}

template <class T>
void widen_small(const T* values, std::int64_t count, double* out) {
  const hn::CappedTag<double, 4> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) hn::StoreU(load_whole_numbers(d, values + i), d, out + i);
  for (; i < count; ++i) out[i] = static_cast<double>(values[i]);
}

void widen_bytes(const std::uint8_t* values, std::int64_t count, double* out) {
  widen_small(values, count, out);
}
void widen_halves(const std::uint16_t* values, std::int64_t count, double* out) {
  widen_small(values, count, out);
}
void widen_signed_halves(const std::int16_t* values, std::int64_t count, double* out) {
  widen_small(values, count, out);
}

}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(sum_floats);
VOX_SIMD_TABLE(sum_doubles);
VOX_SIMD_TABLE(add_extremes);
VOX_SIMD_TABLE(widen_floats);
VOX_SIMD_TABLE(widen_bytes);
VOX_SIMD_TABLE(widen_halves);
VOX_SIMD_TABLE(widen_signed_halves);

}  // namespace

SumScale SumScale::around(double centre, double low, double high) {
  SumScale scale{centre, 1, centre};
  // In halves, so that the whole range of doubles fits.
  const double half = std::max(high / 2 - centre / 2, centre / 2 - low / 2);
  if (!(half > 0)) return scale;
  int exponent = 0;
  std::frexp(half, &exponent);
  scale.factor = std::ldexp(1.0, std::min(-exponent - 1, 1000));
  scale.shift = centre * scale.factor;
  return scale;
}

void to_doubles(const std::byte* voxels, DType dtype, std::int64_t count, double* out) {
  visit_dtype(dtype, [&]<class T>(Type<T>) {
    const T* values = reinterpret_cast<const T*>(voxels);
    if constexpr (std::is_same_v<T, float>)
      VOX_SIMD_CALL(widen_floats)(values, count, out);
    else if constexpr (std::is_same_v<T, std::uint8_t>)
      VOX_SIMD_CALL(widen_bytes)(values, count, out);
    else if constexpr (std::is_same_v<T, std::uint16_t>)
      VOX_SIMD_CALL(widen_halves)(values, count, out);
    else if constexpr (std::is_same_v<T, std::int16_t>)
      VOX_SIMD_CALL(widen_signed_halves)(values, count, out);
    else
      for (std::int64_t i = 0; i < count; ++i) out[i] = as_double(values[i]);
  });
}

SegmentSums segment_sums_only(const std::byte* voxels, DType dtype, std::int64_t count,
                              const SumScale& scale) {
  if (dtype == DType::float32)
    return VOX_SIMD_CALL(sum_floats)(reinterpret_cast<const float*>(voxels), count, scale);
  double values[kSegment];
  to_doubles(voxels, dtype, count, values);
  return VOX_SIMD_CALL(sum_doubles)(values, count, scale);
}

SegmentSums segment_sums(const double* values, std::int64_t count, const SumScale& scale) {
  SegmentSums result = VOX_SIMD_CALL(sum_doubles)(values, count, scale);
  VOX_SIMD_CALL(add_extremes)(values, count, result);
  return result;
}

SegmentSums segment_sums(const std::byte* voxels, DType dtype, std::int64_t count, const SumScale& scale) {
  double values[kSegment];
  to_doubles(voxels, dtype, count, values);
  return segment_sums(values, count, scale);
}

std::int64_t gather_finite(const std::byte* voxels, DType dtype, std::int64_t count, std::byte* out) {
  std::int64_t kept = 0;
  visit_dtype(dtype, [&]<class T>(Type<T>) {
    const T* from = reinterpret_cast<const T*>(voxels);
    T* to = reinterpret_cast<T*>(out);
    for (std::int64_t i = 0; i < count; ++i) {
      to[kept] = from[i];
      kept += std::isfinite(as_double(from[i]));
    }
  });
  return kept;
}

}  // namespace vox
#endif
