#include "ops/intensity/stretch_rows.h"

#include <algorithm>

#include "ops/simd.h"
#include "ops/stats/segment_sums.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/intensity/stretch_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

double stretched(double value, const Stretch& stretch) {
  double inside = value < stretch.low ? stretch.low : value;
  inside = inside > stretch.high ? stretch.high : inside;
  return (inside - stretch.offset) * stretch.factor;
}

void stretch_all(const double* values, std::int64_t count, const Stretch& given, float* out) {
  const Stretch stretch = given;
  for (std::int64_t i = 0; i < count; ++i) out[i] = static_cast<float>(stretched(values[i], stretch));
}

void stretch_floats(const float* values, std::int64_t count, const Stretch& given, float* out) {
  const Stretch stretch = given;
  for (std::int64_t i = 0; i < count; ++i)
    out[i] = static_cast<float>(stretched(static_cast<double>(values[i]), stretch));
}

void stretch_floats_inside(const float* values, const std::uint8_t* keep, std::int64_t count,
                           const Stretch& given, float* out) {
  const Stretch stretch = given;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto changed = static_cast<float>(stretched(static_cast<double>(values[i]), stretch));
    out[i] = keep[i] != 0 ? changed : values[i];
  }
}

void stretch_inside(const double* values, const std::uint8_t* keep, std::int64_t count, const Stretch& given,
                    float* out) {
  const Stretch stretch = given;
  for (std::int64_t i = 0; i < count; ++i) {
    const double changed = stretched(values[i], stretch);
    out[i] = static_cast<float>(keep[i] != 0 ? changed : values[i]);
  }
}

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(stretch_all);
VOX_SIMD_TABLE(stretch_floats);
VOX_SIMD_TABLE(stretch_inside);
VOX_SIMD_TABLE(stretch_floats_inside);

constexpr std::int64_t kPiece = 1024;  // doubles that stay in the first-level cache

}  // namespace

void stretch_voxels(DType dtype, const std::byte* in, const std::uint8_t* keep, std::int64_t count,
                    const Stretch& stretch, float* out) {
  if (keep == nullptr && dtype == DType::float32)
    return VOX_SIMD_CALL(stretch_floats)(reinterpret_cast<const float*>(in), count, stretch, out);
  if (dtype == DType::float32)
    return VOX_SIMD_CALL(stretch_floats_inside)(reinterpret_cast<const float*>(in), keep, count, stretch,
                                                out);
  double values[kPiece];
  for (std::int64_t done = 0; done < count; done += kPiece) {
    const std::int64_t size = std::min(kPiece, count - done);
    to_doubles(in + done * size_of(dtype), dtype, size, values);
    if (keep == nullptr)
      VOX_SIMD_CALL(stretch_all)(values, size, stretch, out + done);
    else
      VOX_SIMD_CALL(stretch_inside)(values, keep + done, size, stretch, out + done);
  }
}

}  // namespace vox
#endif  // HWY_ONCE
