#include "ops/intensity/rescale_rows.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "ops/intensity/convert_rows.h"
#include "ops/intensity/value_table.h"
#include "ops/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/intensity/rescale_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

/// Doubles in, doubles out; what lies outside ends at the ends.
void stretch(double* values, std::int64_t count, const Range& from, const Range& to, Tally& tally) {
  const double low = from.low;
  const double high = from.high;
  const double width = high - low;
  const double extent = to.high - to.low;
  const double offset = to.low;
  const bool flat = !(width > 0);
  std::int64_t below = 0;
  std::int64_t above = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const double value = values[i];
    below += value < low ? 1 : 0;
    above += value > high ? 1 : 0;
    double inside = value < low ? low : value;
    inside = inside > high ? high : inside;
    values[i] = flat ? inside - inside : (inside - low) / width * extent + offset;  // 0, and NaN stays NaN
  }
  tally.clipped_low += below;
  tally.clipped_high += above;
}

/// Counts voxels below `low` and above `high`.
template <class T>
void count_outside(const T* in, std::int64_t count, std::int32_t low, std::int32_t high, Tally& tally) {
  constexpr std::int64_t kPiece = 1 << 14;
  for (std::int64_t done = 0; done < count; done += kPiece) {
    std::int32_t below = 0;
    std::int32_t above = 0;
    const std::int64_t size = std::min(kPiece, count - done);
    for (std::int64_t i = done; i < done + size; ++i) {
      below += in[i] < low ? 1 : 0;
      above += in[i] > high ? 1 : 0;
    }
    tally.clipped_low += below;
    tally.clipped_high += above;
  }
}

void count_integers(DType dtype, const std::byte* in, std::int64_t count, const Range& range, Tally& tally) {
  // Whole limits just as good as the given ones, inside of what any 16-bit type holds and one beyond.
  const auto low = static_cast<std::int32_t>(std::clamp(std::ceil(range.low), -40000.0, 70000.0));
  const auto high = static_cast<std::int32_t>(std::clamp(std::floor(range.high), -40000.0, 70000.0));
  visit_dtype(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    if constexpr (std::is_integral_v<T> && sizeof(T) <= 2)
      count_outside(reinterpret_cast<const T*>(in), count, low, high, tally);
  });
}

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(stretch);
VOX_SIMD_TABLE(count_integers);

constexpr std::int64_t kPiece = 1024;  // doubles that stay in the first-level cache

}  // namespace

void rescale_voxels(DType from_dtype, const std::byte* in, DType to_dtype, std::byte* out, std::int64_t count,
                    const Range& from, const Range& to, Tally& tally) {
  std::array<double, kPiece> values;
  auto* bytes = reinterpret_cast<std::byte*>(values.data());
  Tally conversion;
  for (std::int64_t done = 0; done < count; done += kPiece) {
    const std::int64_t size = std::min(kPiece, count - done);
    Tally exact;
    convert_voxels(from_dtype, in + done * size_of(from_dtype), DType::float64, bytes, size, exact);
    VOX_SIMD_CALL(stretch)(values.data(), size, from, to, tally);
    convert_voxels(DType::float64, bytes, to_dtype, out + done * size_of(to_dtype), size, conversion);
  }
  // Rounding is what a stretch does; only lost NaN are news.
  tally.nan += conversion.nan;
}

void rescale_by_table(DType from_dtype, const std::byte* in, DType to_dtype, std::byte* out,
                      std::int64_t count, const std::byte* table, const Range& from, Tally& tally) {
  look_up_voxels(from_dtype, in, to_dtype, out, count, table);
  VOX_SIMD_CALL(count_integers)(from_dtype, in, count, from, tally);
}

}  // namespace vox
#endif  // HWY_ONCE
