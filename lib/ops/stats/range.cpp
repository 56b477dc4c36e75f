#include "ops/stats/range.h"

#include <algorithm>

#include "ops/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/stats/range.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

template <class T>
void integer_ends(const T* voxels, std::int64_t count, double& low, double& high) {
  T least = voxels[0];
  T most = voxels[0];
  for (std::int64_t i = 0; i < count; ++i) {
    least = voxels[i] < least ? voxels[i] : least;
    most = voxels[i] > most ? voxels[i] : most;
  }
  low = std::min(low, static_cast<double>(least));
  high = std::max(high, static_cast<double>(most));
}

/// Several accumulators, since a minimum of floats must wait for the one before.
template <class T, class Compute>
void float_ends(const T* voxels, std::int64_t count, Compute largest, double& low, double& high) {
  constexpr int kLanes = 16;
  Compute least[kLanes];
  Compute most[kLanes];
  std::fill_n(least, kLanes, std::numeric_limits<Compute>::infinity());
  std::fill_n(most, kLanes, -std::numeric_limits<Compute>::infinity());
  const auto take = [&](T voxel, int lane) {
    const auto value = static_cast<Compute>(voxel);
    // Comparisons with NaN are false, so it changes nothing; infinities are left out like it.
    least[lane] = value < least[lane] && value >= -largest ? value : least[lane];
    most[lane] = value > most[lane] && value <= largest ? value : most[lane];
  };
  std::int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes)
    for (int lane = 0; lane < kLanes; ++lane) take(voxels[i + lane], lane);
  for (; i < count; ++i) take(voxels[i], 0);
  low = std::min(low, static_cast<double>(*std::min_element(least, least + kLanes)));
  high = std::max(high, static_cast<double>(*std::max_element(most, most + kLanes)));
}

void find_ends(DType dtype, const std::byte* data, std::int64_t count, double& low, double& high) {
  visit_dtype(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const auto* voxels = reinterpret_cast<const T*>(data);
    if constexpr (std::is_same_v<T, double>)
      float_ends(voxels, count, std::numeric_limits<double>::max(), low, high);
    else if constexpr (is_float_type<T>)
      float_ends(voxels, count, std::numeric_limits<float>::max(), low, high);
    else
      integer_ends(voxels, count, low, high);
  });
}

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(find_ends);

}  // namespace

void RangeReducer::observe(std::span<const ConstBlock> blocks) {
  const ConstBlock& block = blocks[0];
  const Extent3 size = block.shape();
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::int64_t y = 0; y < size.y; ++y)
      VOX_SIMD_CALL(find_ends)(dtype_, block.row(z, y), size.x, low_, high_);
}

void RangeReducer::merge(const Reducer& other) {
  const auto& that = static_cast<const RangeReducer&>(other);
  low_ = std::min(low_, that.low_);
  high_ = std::max(high_, that.high_);
}

bool RangeReducer::exchange(KeptState& state) {
  state.value(low_);
  state.value(high_);
  return true;
}

std::optional<Range> RangeReducer::range() const {
  if (low_ > high_) return std::nullopt;
  return Range{low_ + 0.0, high_ + 0.0};
}

}  // namespace vox
#endif  // HWY_ONCE
