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

template <class T>
bool all_fit(const double* values, std::int64_t count) {
  constexpr double low = std::numeric_limits<T>::lowest();
  constexpr double high = std::numeric_limits<T>::max();
  std::int64_t outside = 0;
  for (std::int64_t i = 0; i < count; ++i) outside += ((values[i] >= low) & (values[i] <= high)) != 0 ? 0 : 1;
  return outside == 0;
}

/// False, and nothing done, unless all values are in the range of a usual type.
bool store_if_all_fit(const double* values, DType dtype, std::byte* out, std::int64_t count) {
  return visit_dtype(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    if constexpr (stored_fast<T>) {
      if (!all_fit<T>(values, count)) return false;
      auto* target = reinterpret_cast<T*>(out);
      // The sum with 1.5 * 2^52 has the rounded integer in its last bits.
      for (std::int64_t i = 0; i < count; ++i) {
        if constexpr (std::is_same_v<T, float>)
          target[i] = static_cast<float>(values[i]);
        else
          target[i] = static_cast<T>(std::bit_cast<std::uint64_t>(values[i] + 0x1.8p52));
      }
      return true;
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
