#include "ops/phantom/store.h"

#include <algorithm>
#include <limits>
#include <type_traits>

#include "ops/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/phantom/store.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

/// Half to even by aligning the binary point with the last bit of a float. REQUIRES: |value| < 2^22.
inline float rounded(float value) { return (value + 0x1.8p23f) - 0x1.8p23f; }
/// As above in double; larger values are whole as they are. REQUIRES: |value| < 2^51 for values with a
/// fraction.
inline double rounded(double value) {
  const double whole = (value + 0x1.8p52) - 0x1.8p52;
  return value > -0x1p51 && value < 0x1p51 ? whole : value;
}

template <class T, class Real>
inline T voxel_from(Real value) {
  if constexpr (is_float_type<T>) {
    return static_cast<T>(value);
  } else if constexpr (sizeof(T) <= 2) {
    constexpr auto kLow = static_cast<Real>(std::numeric_limits<T>::lowest());
    constexpr auto kHigh = static_cast<Real>(std::numeric_limits<T>::max());
    value = value < kLow ? kLow : value;
    value = value > kHigh ? kHigh : value;
    return static_cast<T>(static_cast<std::int32_t>(rounded(value)));
  } else {
    const Real whole = rounded(value);
    // The ends of 64-bit types are not doubles, so compare with the power of two behind them.
    constexpr T kHalf = std::numeric_limits<T>::max() / 2 + 1;
    constexpr Real kBeyond = static_cast<Real>(kHalf) * 2;
    if (whole >= kBeyond) return std::numeric_limits<T>::max();
    if (whole <= static_cast<Real>(std::numeric_limits<T>::lowest())) return std::numeric_limits<T>::lowest();
    return static_cast<T>(whole);
  }
}

/// Lanes of a fixed number, so that the compiler turns them into vectors.
constexpr std::int64_t kStoreGroup = 16;

template <class T, class Real>
void store_group(Real black, Real range, Real noise, const float* __restrict grey,
                 const float* __restrict normals, T* __restrict out) {
  for (std::int64_t i = 0; i < kStoreGroup; ++i)
    out[i] =
        voxel_from<T>(black + static_cast<Real>(grey[i]) * range + static_cast<Real>(normals[i]) * noise);
}

template <class T>
void store(const IntensityScale& scale, const float* grey, const float* normals, std::int64_t count, T* out) {
  using Real = std::conditional_t<sizeof(T) <= 2 || std::is_same_v<T, float>, float, double>;
  const auto black = static_cast<Real>(scale.black);
  const auto range = static_cast<Real>(scale.range);
  const auto noise = static_cast<Real>(scale.noise);
  std::int64_t begin = 0;
  for (; begin + kStoreGroup <= count; begin += kStoreGroup)
    store_group(black, range, noise, grey + begin, normals + begin, out + begin);
  T last[kStoreGroup];
  store_group(black, range, noise, grey + begin, normals + begin, last);
  std::copy_n(last, count - begin, out + begin);
}

void store_any(DType dtype, const IntensityScale& scale, const float* grey, const float* normals,
               std::int64_t count, std::byte* out) {
  visit_dtype(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    store<T>(scale, grey, normals, count, reinterpret_cast<T*>(out));
  });
}

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {

namespace {
VOX_SIMD_TABLE(store_any);
}

void store_voxels(DType dtype, const IntensityScale& scale, const float* grey, const float* normals,
                  std::int64_t count, std::byte* out) {
  VOX_SIMD_CALL(store_any)(dtype, scale, grey, normals, count, out);
}

}  // namespace vox
#endif
