#include "ops/stats/mean_projection.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "ops/simd.h"
#include "ops/stats/segment_sums.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/stats/mean_projection.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

/// Added to a double below 2^51 in magnitude, it leaves the nearest whole number in the lowest bits.
constexpr double kWhole = 0x1.8p52;

void add_terms(const double* values, std::int64_t count, double factor, std::int64_t* sums,
               std::uint32_t* missing) {
  const auto whole_bits = std::bit_cast<std::int64_t>(kWhole);
  for (std::int64_t i = 0; i < count; ++i) {
    const bool finite = values[i] - values[i] == 0;
    const double term = finite ? values[i] * factor : 0;
    sums[i] += std::bit_cast<std::int64_t>(term + kWhole) - whole_bits;
    missing[i] += finite ? 0 : 1;
  }
}

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(add_terms);

constexpr std::int64_t kPiece = 1024;

}  // namespace

bool MeanProjection::needs_range(DType dtype) { return is_float(dtype) || size_of(dtype) > 4; }

MeanProjection::MeanProjection(DType dtype, const Extent3& shape, const Range& range)
    : dtype_(dtype), shape_(shape) {
  const double largest = std::max(std::abs(range.low), std::abs(range.high));
  if (!needs_range(dtype) || !(largest > 0)) return;
  int exponent = 0;
  std::frexp(largest, &exponent);
  const int room = 62 - static_cast<int>(std::bit_width(static_cast<std::uint64_t>(shape.z)));
  factor_ = std::ldexp(1.0, std::min(std::min(50, room) - exponent, 1000));
}

std::unique_ptr<Reducer> MeanProjection::empty() const {
  return std::unique_ptr<Reducer>(new MeanProjection(dtype_, shape_, factor_));
}

void MeanProjection::hold() {
  const auto places = static_cast<std::size_t>(shape_.y * shape_.x);
  sums_.resize(places);
  missing_.resize(places);
}

void MeanProjection::observe(std::span<const ConstBlock> blocks) {
  const ConstBlock& block = blocks[0];
  const Extent3 size = block.shape();
  hold();
  double values[kPiece];
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::int64_t y = 0; y < size.y; ++y)
      for (std::int64_t x = 0; x < size.x; x += kPiece) {
        const std::int64_t count = std::min(kPiece, size.x - x);
        const std::int64_t place = (block.box.begin.y + y) * shape_.x + x;
        to_doubles(block.row(z, y) + x * size_of(dtype_), dtype_, count, values);
        VOX_SIMD_CALL(add_terms)(values, count, factor_, sums_.data() + place, missing_.data() + place);
      }
}

void MeanProjection::merge(const Reducer& other_reducer) {
  const auto& other = static_cast<const MeanProjection&>(other_reducer);
  hold();
  for (std::size_t i = 0; i < other.sums_.size(); ++i) {
    sums_[i] += other.sums_[i];
    missing_[i] += other.missing_[i];
  }
}

bool MeanProjection::exchange(KeptState& state) {
  hold();
  state.values(sums_);
  state.counts(missing_);
  return true;
}

std::vector<double> MeanProjection::means() const {
  std::vector<double> result;
  result.reserve(sums_.size());
  for (std::size_t i = 0; i < sums_.size(); ++i) {
    const std::int64_t count = shape_.z - missing_[i];
    result.push_back(count == 0 ? 0 : static_cast<double>(sums_[i]) / factor_ / static_cast<double>(count));
  }
  return result;
}

}  // namespace vox
#endif  // HWY_ONCE
