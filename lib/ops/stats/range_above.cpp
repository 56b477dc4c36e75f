#include "ops/stats/range_above.h"

#include <algorithm>

#include "ops/simd.h"
#include "ops/stats/segment_sums.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/stats/range_above.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

constexpr std::int64_t kLanes = 16;

/// Comparisons with NaN are false, so it changes nothing; infinities are left out like it.
void find_ends(const double* values, std::int64_t count, double threshold, RangeAbove::Ends& ends) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  double low[kLanes];
  double high[kLanes];
  double above[kLanes];
  std::fill_n(low, kLanes, kInfinity);
  std::fill_n(high, kLanes, -kInfinity);
  std::fill_n(above, kLanes, kInfinity);
  const auto take = [&](double value, std::int64_t lane) {
    low[lane] = ((value < low[lane]) & (value > -kInfinity)) != 0 ? value : low[lane];
    high[lane] = ((value > high[lane]) & (value < kInfinity)) != 0 ? value : high[lane];
    above[lane] = ((value < above[lane]) & (value > threshold)) != 0 ? value : above[lane];
  };
  std::int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes)
    for (std::int64_t lane = 0; lane < kLanes; ++lane) take(values[i + lane], lane);
  for (; i < count; ++i) take(values[i], 0);
  for (std::int64_t lane = 0; lane < kLanes; ++lane)
    ends = {std::min(ends.low, low[lane]), std::max(ends.high, high[lane]),
            std::min(ends.above, above[lane])};
}

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(find_ends);

constexpr std::int64_t kPiece = 1024;

}  // namespace

void RangeAbove::observe(std::span<const ConstBlock> blocks) {
  const ConstBlock& block = blocks[0];
  const Extent3 size = block.shape();
  double values[kPiece];
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::int64_t y = 0; y < size.y; ++y)
      for (std::int64_t x = 0; x < size.x; x += kPiece) {
        const std::int64_t count = std::min(kPiece, size.x - x);
        to_doubles(block.row(z, y) + x * size_of(dtype_), dtype_, count, values);
        VOX_SIMD_CALL(find_ends)(values, count, threshold_, ends_);
      }
}

void RangeAbove::merge(const Reducer& other) {
  const Ends& that = static_cast<const RangeAbove&>(other).ends_;
  ends_ = {std::min(ends_.low, that.low), std::max(ends_.high, that.high), std::min(ends_.above, that.above)};
}

bool RangeAbove::exchange(KeptState& state) {
  state.value(ends_);
  return true;
}

}  // namespace vox
#endif  // HWY_ONCE
