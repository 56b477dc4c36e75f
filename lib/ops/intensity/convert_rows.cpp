#include "ops/intensity/convert_rows.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "ops/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/intensity/convert_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

#include "ops/intensity/convert_loops-inl.h"

/// The types that most volumes have: conversions between them are built for every target.
template <class T>
constexpr bool is_common =
    std::is_same_v<T, std::uint8_t> || std::is_same_v<T, std::uint16_t> || std::is_same_v<T, std::int16_t> ||
    std::is_same_v<T, float> || std::is_same_v<T, double>;

/// False when the pair is not one of the common ones.
bool convert_common(DType from, const std::byte* in, DType to, std::byte* out, std::int64_t count,
                    Tally& tally) {
  return visit_dtype(from, [&](auto from_type) {
    using From = typename decltype(from_type)::type;
    return visit_dtype(to, [&](auto to_type) {
      using To = typename decltype(to_type)::type;
      if constexpr (is_common<From> && is_common<To>) {
        convert_pieces(reinterpret_cast<const From*>(in), reinterpret_cast<To*>(out), count, tally);
        return true;
      } else {
        return false;
      }
    });
  });
}

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(convert_common);

namespace any_processor {
#include "ops/intensity/convert_loops-inl.h"
}  // namespace any_processor

}  // namespace

void convert_voxels(DType from, const std::byte* in, DType to, std::byte* out, std::int64_t count,
                    Tally& tally) {
  if (from == to) {
    std::memcpy(out, in, static_cast<std::size_t>(count * size_of(from)));
    return;
  }
  if (VOX_SIMD_CALL(convert_common)(from, in, to, out, count, tally)) return;
  visit_dtype(from, [&](auto from_type) {
    using From = typename decltype(from_type)::type;
    visit_dtype(to, [&](auto to_type) {
      using To = typename decltype(to_type)::type;
      any_processor::convert_pieces(reinterpret_cast<const From*>(in), reinterpret_cast<To*>(out), count,
                                    tally);
    });
  });
}

}  // namespace vox
#endif  // HWY_ONCE
