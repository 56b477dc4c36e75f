#include "ops/intensity/clahe_rows.h"

#include <limits>

#include "ops/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/intensity/clahe_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

void blend_tiles(const FourMaps& given, std::int64_t bins, float* out) {
  const FourMaps maps = given;
  for (std::int64_t i = 0; i < bins; ++i)
    out[i] = (maps.weight[0] * static_cast<float>(maps.map[0][i]) +
              maps.weight[1] * static_cast<float>(maps.map[1][i])) +
             (maps.weight[2] * static_cast<float>(maps.map[2][i]) +
              maps.weight[3] * static_cast<float>(maps.map[3][i]));
  out[bins] = std::numeric_limits<float>::quiet_NaN();
}

void blend_run(const std::uint16_t* bins, std::int64_t count, const float* before, const float* after,
               std::int64_t first, std::int64_t size, float* out) {
  const auto begin = static_cast<std::int32_t>(first);
  const float step = 1 / static_cast<float>(size);
  for (std::int32_t i = 0; i < static_cast<std::int32_t>(count); ++i) {
    const float weight = static_cast<float>(begin + i) * step;
    const float low = before[bins[i]];
    out[i] = low + (after[bins[i]] - low) * weight;
  }
}

void stretch_run(const float* values, std::int64_t count, double low, double factor, double offset,
                 double* out) {
  for (std::int64_t i = 0; i < count; ++i) out[i] = (static_cast<double>(values[i]) - low) * factor + offset;
}

void find_extremes(const float* values, std::int64_t count, float& low, float& high) {
  constexpr int kLanes = 16;
  float least[kLanes];
  float most[kLanes];
  for (int lane = 0; lane < kLanes; ++lane) {
    least[lane] = low;
    most[lane] = high;
  }
  const auto take = [&](float value, int lane) {
    least[lane] = value < least[lane] ? value : least[lane];
    most[lane] = value > most[lane] ? value : most[lane];
  };
  std::int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes)
    for (int lane = 0; lane < kLanes; ++lane) take(values[i + lane], lane);
  for (; i < count; ++i) take(values[i], 0);
  for (int lane = 0; lane < kLanes; ++lane) {
    low = least[lane] < low ? least[lane] : low;
    high = most[lane] > high ? most[lane] : high;
  }
}

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(blend_tiles);
VOX_SIMD_TABLE(blend_run);
VOX_SIMD_TABLE(stretch_run);
VOX_SIMD_TABLE(find_extremes);

}  // namespace

void blend_maps(const FourMaps& maps, std::int64_t bins, float* out) {
  VOX_SIMD_CALL(blend_tiles)(maps, bins, out);
}

void blend_voxels(const std::uint16_t* bins, std::int64_t count, const float* before, const float* after,
                  std::int64_t first, std::int64_t size, float* out) {
  VOX_SIMD_CALL(blend_run)(bins, count, before, after, first, size, out);
}

void stretch_results(const float* values, std::int64_t count, double low, double factor, double offset,
                     double* out) {
  VOX_SIMD_CALL(stretch_run)(values, count, low, factor, offset, out);
}

void extremes_of(const float* values, std::int64_t count, float& low, float& high) {
  VOX_SIMD_CALL(find_extremes)(values, count, low, high);
}

}  // namespace vox
#endif  // HWY_ONCE
