#include "ops/intensity/clamp_rows.h"

#include <algorithm>
#include <type_traits>

#include "ops/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/intensity/clamp_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

// Counts run in lanes as wide as the voxels, over pieces short enough that they cannot overflow.
template <class T>
using CounterOf =
    std::conditional_t<sizeof(T) == 8, std::uint64_t,
                       std::conditional_t<sizeof(T) == 4, std::uint32_t,
                                          std::conditional_t<sizeof(T) == 2, std::uint16_t, std::uint8_t>>>;
template <class T>
constexpr std::int64_t kPiece = sizeof(T) == 1 ? 255 : 1 << 14;

template <class T>
void clamp_piece(const T* in, T* out, std::int64_t count, T low, T high, Tally& tally) {
  using Counter = CounterOf<T>;
  Counter below = 0;
  Counter above = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const T value = in[i];
    below = static_cast<Counter>(below + (value < low ? 1 : 0));
    above = static_cast<Counter>(above + (value > high ? 1 : 0));
    const T raised = value < low ? low : value;
    out[i] = raised > high ? high : raised;
  }
  tally.clipped_low += static_cast<std::int64_t>(below);
  tally.clipped_high += static_cast<std::int64_t>(above);
}

/// Half precision has no arithmetic of its own: compared as float, kept as bits.
void clamp_piece(const float16* in, float16* out, std::int64_t count, float16 low, float16 high,
                 Tally& tally) {
  for (std::int64_t i = 0; i < count; ++i) {
    const bool below = static_cast<float>(in[i]) < static_cast<float>(low);
    const bool above = static_cast<float>(in[i]) > static_cast<float>(high);
    tally.clipped_low += below ? 1 : 0;
    tally.clipped_high += above ? 1 : 0;
    out[i] = below ? low : above ? high : in[i];
  }
}

/// A limit that is a value of the type.
template <class T>
T limit_of(long double limit) {
  if constexpr (std::is_integral_v<T>)
    return static_cast<T>(limit);
  else
    return static_cast<T>(static_cast<double>(limit));
}

void clamp_all(DType dtype, const std::byte* in, std::byte* out, std::int64_t count, long double low,
               long double high, Tally& tally) {
  visit_dtype(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const auto* source = reinterpret_cast<const T*>(in);
    auto* target = reinterpret_cast<T*>(out);
    for (std::int64_t done = 0; done < count; done += kPiece<T>)
      clamp_piece(source + done, target + done, std::min(kPiece<T>, count - done), limit_of<T>(low),
                  limit_of<T>(high), tally);
  });
}

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(clamp_all);

}  // namespace

void clamp_voxels(DType dtype, const std::byte* in, std::byte* out, std::int64_t count, long double low,
                  long double high, Tally& tally) {
  VOX_SIMD_CALL(clamp_all)(dtype, in, out, count, low, high, tally);
}

}  // namespace vox
#endif  // HWY_ONCE
