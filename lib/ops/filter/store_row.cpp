#include "ops/filter/store_row.h"

#include <bit>
#include <limits>
#include <type_traits>

#include "ops/intensity/convert_rows.h"
#include "ops/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/filter/store_row.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

template <class T>
constexpr bool stored_fast = std::is_same_v<T, float> || (std::is_integral_v<T> && sizeof(T) <= 4);

/// The sum with 1.5 * 2^52 has the rounded integer in its last bits.
template <class T>
T nearest(double value) {
  if constexpr (std::is_same_v<T, float>)
    return static_cast<float>(value);
  else
    return static_cast<T>(std::bit_cast<std::uint64_t>(value + 0x1.8p52));
}

/// Of usual types; false unless all values are in the range of the type, and then `out` is not to be used.
bool store_if_all_fit(const double* values, DType dtype, std::byte* out, std::int64_t count) {
  return visit_dtype(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    if constexpr (stored_fast<T>) {
      constexpr double low = std::numeric_limits<T>::lowest();
      constexpr double high = std::numeric_limits<T>::max();
      auto* target = reinterpret_cast<T*>(out);
      std::int64_t outside = 0;
#pragma GCC ivdep
      for (std::int64_t i = 0; i < count; ++i) {
        outside += ((values[i] >= low) & (values[i] <= high)) != 0 ? 0 : 1;
        target[i] = nearest<T>(values[i]);
      }
      return outside == 0;
    } else {
      return false;
    }
  });
}

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(store_if_all_fit);

}  // namespace

void store_doubles(const double* values, DType dtype, std::byte* out, std::int64_t count, Tally& tally) {
  if (VOX_SIMD_CALL(store_if_all_fit)(values, dtype, out, count)) return;
  Tally stored;
  convert_voxels(DType::float64, reinterpret_cast<const std::byte*>(values), dtype, out, count, stored);
  tally.nan += stored.nan;
  tally.saturated += stored.saturated;
}

}  // namespace vox
#endif  // HWY_ONCE
