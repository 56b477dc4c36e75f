#include "ops/filter/difference.h"

#include <limits>
#include <stdexcept>
#include <type_traits>

#include "ops/filter/filtered_meta.h"
#include "ops/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/filter/difference.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

template <class T>
T difference(T a, T b, std::int64_t& saturated) {
  using Limits = std::numeric_limits<T>;
  if constexpr (is_float_type<T>) {
    using Compute = std::conditional_t<std::is_same_v<T, double>, double, float>;
    const Compute value = static_cast<Compute>(a) - static_cast<Compute>(b);
    return T(value != value ? std::numeric_limits<Compute>::quiet_NaN() : value);
  } else if constexpr (sizeof(T) == 8) {
    T value;
    if (!__builtin_sub_overflow(a, b, &value)) return value;
    ++saturated;
    return a < b ? Limits::min() : Limits::max();
  } else {
    using Wide = std::conditional_t<sizeof(T) == 4, std::int64_t, std::int32_t>;
    const Wide value = static_cast<Wide>(a) - static_cast<Wide>(b);
    const Wide raised = value < Limits::min() ? Limits::min() : value;
    const Wide inside = raised > Limits::max() ? Limits::max() : raised;
    saturated += inside != value ? 1 : 0;
    return static_cast<T>(inside);
  }
}

void subtract(DType dtype, const std::byte* a, const std::byte* b, std::byte* out, std::int64_t count,
              Tally& tally) {
  visit_dtype(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const auto* from = reinterpret_cast<const T*>(a);
    const auto* what = reinterpret_cast<const T*>(b);
    auto* target = reinterpret_cast<T*>(out);
    std::int64_t saturated = 0;
#pragma GCC ivdep
    for (std::int64_t i = 0; i < count; ++i) target[i] = difference(from[i], what[i], saturated);
    tally.saturated += saturated;
  });
}

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(subtract);

}  // namespace

void subtract_voxels(DType dtype, const std::byte* a, const std::byte* b, std::byte* out, std::int64_t count,
                     Tally& tally) {
  VOX_SIMD_CALL(subtract)(dtype, a, b, out, count, tally);
}

VolumeMeta Difference::output_meta(const VolumeMeta& input) const {
  return meta_of_voxel_differences(input, [](double slope) { return slope; });
}

void Difference::apply(const ConstBlock&, const Block&, Tally&) const {
  throw std::logic_error("a difference needs two volumes");
}

void Difference::apply_beside(const ConstBlock& in, const ConstBlock& earlier, const Block& out,
                              Tally& tally) const {
  const bool from_earlier = order_ == Order::earlier_minus_this;
  const ConstBlock& a = from_earlier ? earlier : in;
  const ConstBlock& b = from_earlier ? in : earlier;
  const Extent3 size = out.shape();
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::int64_t y = 0; y < size.y; ++y)
      subtract_voxels(in.dtype, a.row(z, y), b.row(z, y), out.row(z, y), size.x, tally);
}

}  // namespace vox
#endif  // HWY_ONCE
