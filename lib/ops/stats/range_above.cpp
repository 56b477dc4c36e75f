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

constexpr std::int64_t kLanes = 8;

void find_ends(const double* values, std::int64_t count, double threshold, RangeAbove::Ends& ends) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  RangeAbove::Ends lanes[kLanes];
  // Comparisons with NaN are false, so it changes nothing.
  const auto take = [&](double value, RangeAbove::Ends& lane) {
    lane.low = value < lane.low && value > -kInfinity ? value : lane.low;
    lane.high = value > lane.high && value < kInfinity ? value : lane.high;
    lane.above = value < lane.above && value > threshold ? value : lane.above;
  };
  std::int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes)
    for (std::int64_t lane = 0; lane < kLanes; ++lane) take(values[i + lane], lanes[lane]);
  for (; i < count; ++i) take(values[i], lanes[0]);
  for (const RangeAbove::Ends& lane : lanes)
    ends = {std::min(ends.low, lane.low), std::max(ends.high, lane.high), std::min(ends.above, lane.above)};
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

}  // namespace vox
#endif  // HWY_ONCE
