#include "ops/intensity/clahe_levels.h"

#include <algorithm>
#include <cmath>

#include "ops/intensity/value_table.h"
#include "ops/simd.h"
#include "ops/stats/segment_sums.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/intensity/clahe_levels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

/// Added to a double below 2^51 it rounds it half to even.
constexpr double kWhole = 0x1.8p52;

void find_bins(const double* values, std::int64_t count, const Range& given, std::int32_t bins,
               std::uint16_t* out) {
  const Range range = given;
  const double width = range.high - range.low;
  const std::int32_t levels = 1 + ClaheLevels::kLevels / bins;  // whole ones
  const double per_bin = levels;
  const bool flat = !(width > 0);
  for (std::int64_t i = 0; i < count; ++i) {
    const double value = values[i];
    double inside = value > range.low ? value : range.low;  // NaN, too
    inside = inside < range.high ? inside : range.high;
    const double place = flat ? 0 : (inside - range.low) / width * (ClaheLevels::kLevels - 1);
    const double level = (place + kWhole) - kWhole;
    const auto bin = static_cast<std::int32_t>(level / per_bin);
    out[i] = static_cast<std::uint16_t>(value == value ? bin : bins);
  }
}

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(find_bins);

constexpr std::int64_t kPiece = 1024;

}  // namespace

ClaheLevels::ClaheLevels(DType dtype, const Range& range, std::int64_t bins)
    : dtype_(dtype), range_(range), bins_(bins) {
  if (is_float(dtype)) return;
  table_ =
      make_value_table(dtype, DType::uint16, [&](const std::byte* in, std::byte* out, std::int64_t count) {
        compute(in, count, reinterpret_cast<std::uint16_t*>(out));
      });
}

void ClaheLevels::find(const std::byte* voxels, std::int64_t count, std::uint16_t* out) const {
  if (table_.empty()) return compute(voxels, count, out);
  look_up_voxels(dtype_, voxels, DType::uint16, reinterpret_cast<std::byte*>(out), count, table_.data());
}

void ClaheLevels::compute(const std::byte* voxels, std::int64_t count, std::uint16_t* out) const {
  double values[kPiece];
  for (std::int64_t done = 0; done < count; done += kPiece) {
    const std::int64_t size = std::min(kPiece, count - done);
    to_doubles(voxels + done * size_of(dtype_), dtype_, size, values);
    VOX_SIMD_CALL(find_bins)(values, size, range_, static_cast<std::int32_t>(bins_), out + done);
  }
}

}  // namespace vox
#endif  // HWY_ONCE
