#include "ops/phantom/noise.h"

#include "ops/phantom/hash.h"
#include "ops/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/phantom/noise.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

void normals(std::uint32_t key_low, std::uint32_t key_high, std::uint32_t x, std::int64_t count, float* out) {
  constexpr std::uint32_t kGroup = 16;
  constexpr float kScale = 1.0f / 37837.227f;  // standard deviation of the sum of four uniform 16-bit numbers
  for (std::int64_t begin = 0; begin < count; begin += kGroup, out += kGroup, x += kGroup) {
    for (std::uint32_t i = 0; i < kGroup; ++i) {
      std::uint32_t a = x + i + key_low;
      a = (a ^ a >> 16) * 0x7feb352du;
      a = ((a ^ a >> 15) + key_high) * 0x846ca68bu;
      a ^= a >> 16;
      std::uint32_t b = (a + key_low) * 0x9e3779b1u;
      b ^= b >> 15;
      const auto sum = static_cast<std::int32_t>((a & 0xffffu) + (a >> 16) + (b & 0xffffu) + (b >> 16));
      const float even = static_cast<float>(sum - 131070) * kScale;
      // The cubic that brings variance and kurtosis from 1 and 2.7 to 1 and 3.
      out[i] = even * (0.9490355f + 0.0186415f * (even * even));
    }
  }
}

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {

namespace {
VOX_SIMD_TABLE(normals);
}

void fill_normals(std::uint64_t seed, std::int64_t z, std::int64_t y, std::int64_t x, std::int64_t count,
                  float* out) {
  const std::uint64_t key = coordinate_hash(seed, HashUse::noise, z, y, x >> 16);
  VOX_SIMD_CALL(normals)
  (static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32),
   static_cast<std::uint32_t>(x & 0xffff), count, out);
}

}  // namespace vox
#endif
