#include "ops/stats/plane_means.h"

#include <algorithm>
#include <type_traits>

#include "ops/simd.h"
#include "ops/stats/inside.h"
#include "ops/stats/segment_sums.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/stats/plane_means.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

/// Voxel i of a segment is summed in lane i % 16, on every target.
constexpr std::int64_t kLanes = 16;

/// Copies values; those that are not kept or not finite become 0. Returns how many are left.
template <class T>
std::int64_t keep_some(const T* values, const std::uint8_t* keep, std::int64_t count, T* out) {
  std::int32_t kept = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const bool counts = (keep[i] != 0) & (values[i] - values[i] == 0);
    out[i] = counts ? values[i] : 0;
    kept += counts ? 1 : 0;
  }
  return kept;
}

/// Of integers of at most 16 bits, whose sum is exact in 32 bits and so in doubles, in any order.
template <class T>
double sum_whole(const T* values, const std::uint8_t* keep, std::int64_t count, std::int64_t& kept) {
  std::int32_t sum = 0;
  std::int32_t flags = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    sum += values[i] * keep[i];
    flags += keep[i];
  }
  kept += flags;
  return sum;
}

template <class T>
double sum_lanes(const T* values, std::int64_t count) {
  const hn::CappedTag<double, 4> d;
  const auto load = [d](const T* from) {
    if constexpr (sizeof(T) == 4)
      return hn::PromoteTo(d, hn::LoadU(hn::Rebind<float, decltype(d)>(), from));
    else
      return hn::LoadU(d, from);
  };
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  HWY_ALIGN double sums[kLanes];
  const std::int64_t whole = count / kLanes * kLanes;
  // Four vectors a round: additions wait for each other. Narrow vectors sweep the values more than once.
  for (std::int64_t first = 0; first < kLanes; first += 4 * lanes) {
    auto sum0 = hn::Zero(d), sum1 = sum0, sum2 = sum0, sum3 = sum0;
    for (std::int64_t i = first; i < whole; i += kLanes) {
      sum0 = hn::Add(sum0, load(values + i));
      sum1 = hn::Add(sum1, load(values + i + lanes));
      sum2 = hn::Add(sum2, load(values + i + 2 * lanes));
      sum3 = hn::Add(sum3, load(values + i + 3 * lanes));
    }
    hn::Store(sum0, d, sums + first);
    hn::Store(sum1, d, sums + first + lanes);
    hn::Store(sum2, d, sums + first + 2 * lanes);
    hn::Store(sum3, d, sums + first + 3 * lanes);
  }
  for (std::int64_t i = whole; i < count; ++i) sums[i % kLanes] += static_cast<double>(values[i]);
  double sum = 0;
  for (const double lane : sums) sum += lane;
  return sum;
}

double sum_small(const std::byte* voxels, DType dtype, const std::uint8_t* keep, std::int64_t count,
                 std::int64_t& kept) {
  return visit_dtype(dtype, [&]<class T>(Type<T>) -> double {
    if constexpr (std::is_integral_v<T> && sizeof(T) <= 2)
      return sum_whole(reinterpret_cast<const T*>(voxels), keep, count, kept);
    else
      return 0;
  });
}

std::int64_t keep_doubles(const double* values, const std::uint8_t* keep, std::int64_t count, double* out) {
  return keep_some(values, keep, count, out);
}

std::int64_t keep_floats(const float* values, const std::uint8_t* keep, std::int64_t count, float* out) {
  return keep_some(values, keep, count, out);
}

double sum_doubles(const double* values, std::int64_t count) { return sum_lanes(values, count); }

double sum_floats(const float* values, std::int64_t count) { return sum_lanes(values, count); }

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(sum_small);
VOX_SIMD_TABLE(keep_doubles);
VOX_SIMD_TABLE(keep_floats);
VOX_SIMD_TABLE(sum_doubles);
VOX_SIMD_TABLE(sum_floats);

constexpr std::int64_t kPiece = 1024;  // sums of so many voxels of 16 bits fit 32

double sum_of(const std::byte* voxels, DType dtype, const std::uint8_t* keep, std::int64_t count,
              std::int64_t& kept) {
  if (dtype == DType::float32) {
    float values[kPiece];
    kept += VOX_SIMD_CALL(keep_floats)(reinterpret_cast<const float*>(voxels), keep, count, values);
    return VOX_SIMD_CALL(sum_floats)(values, count);
  }
  if (size_of(dtype) <= 2 && !is_float(dtype))
    return VOX_SIMD_CALL(sum_small)(voxels, dtype, keep, count, kept);
  double values[kPiece];
  to_doubles(voxels, dtype, count, values);
  kept += VOX_SIMD_CALL(keep_doubles)(values, keep, count, values);
  return VOX_SIMD_CALL(sum_doubles)(values, count);
}

}  // namespace

std::unique_ptr<Reducer> PlaneMeans::empty() const {
  return std::make_unique<PlaneMeans>(static_cast<std::int64_t>(sums_.size()));
}

std::int64_t PlaneMeans::memory_bytes() const {
  return static_cast<std::int64_t>(sums_.size() * sizeof(Sum)) + kPiece * 9;
}

void PlaneMeans::observe(std::span<const ConstBlock> blocks) {
  const ConstBlock& block = blocks[0];
  const Extent3 size = block.shape();
  std::uint8_t keep[kPiece];
  std::fill_n(keep, kPiece, std::uint8_t{1});
  for (std::int64_t z = 0; z < size.z; ++z) {
    Sum& plane = sums_[static_cast<std::size_t>(block.box.begin.z + z)];
    for (std::int64_t y = 0; y < size.y; ++y)
      for (std::int64_t x = 0; x < size.x; x += kPiece) {
        const std::int64_t count = std::min(kPiece, size.x - x);
        if (blocks.size() > 1)
          inside_flags(blocks[1].row(z, y) + x * size_of(blocks[1].dtype), blocks[1].dtype, count, keep);
        plane.sum.add(
            sum_of(block.row(z, y) + x * size_of(block.dtype), block.dtype, keep, count, plane.count));
      }
  }
}

void PlaneMeans::merge(const Reducer& other_reducer) {
  const auto& other = static_cast<const PlaneMeans&>(other_reducer);
  for (std::size_t i = 0; i < sums_.size(); ++i) {
    sums_[i].count += other.sums_[i].count;
    sums_[i].sum.add(other.sums_[i].sum);
  }
}

bool PlaneMeans::exchange(KeptState& state) {
  for (Sum& plane : sums_) {
    state.value(plane.count);
    plane.sum.exchange(state);
  }
  return true;
}

std::vector<PlaneMean> PlaneMeans::means() const {
  std::vector<PlaneMean> result;
  for (const Sum& plane : sums_) {
    PlaneMean& mean = result.emplace_back();
    mean.count = plane.count;
    if (plane.count > 0) mean.mean = plane.sum.value() / static_cast<double>(plane.count);
  }
  return result;
}

}  // namespace vox
#endif  // HWY_ONCE
