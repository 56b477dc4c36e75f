#include "ops/intensity/curve_rows.h"

#include "ops/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/intensity/curve_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

template <class T>
void bend(const T* in, std::int64_t count, const CurveView& given, T* out) {
  const CurveView curve = given;
  const auto last_piece = static_cast<std::int32_t>(curve.last) - 1;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto value = static_cast<double>(in[i]);
    double place = (value - curve.first) * curve.per_unit;
    // Written so that NaN, too, gives a place on the curve.
    place = place > 0 ? place : 0;
    place = place < curve.last ? place : curve.last;
    auto piece = static_cast<std::int32_t>(place);
    piece = piece < last_piece ? piece : last_piece;
    const double below = curve.values[piece];
    const double above = curve.values[piece + 1];
    const double bent = below + (above - below) * (place - static_cast<double>(piece));
    const bool stays = value <= curve.stays_up_to || value != value;
    out[i] = stays ? in[i] : static_cast<T>(bent);
  }
}

void bend_doubles(const double* in, std::int64_t count, const CurveView& curve, double* out) {
  bend(in, count, curve, out);
}

void bend_floats(const float* in, std::int64_t count, const CurveView& curve, float* out) {
  bend(in, count, curve, out);
}

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(bend_doubles);
VOX_SIMD_TABLE(bend_floats);

}  // namespace

void bend_values(const double* in, std::int64_t count, const CurveView& curve, double* out) {
  VOX_SIMD_CALL(bend_doubles)(in, count, curve, out);
}

void bend_values(const float* in, std::int64_t count, const CurveView& curve, float* out) {
  VOX_SIMD_CALL(bend_floats)(in, count, curve, out);
}

}  // namespace vox
#endif  // HWY_ONCE
