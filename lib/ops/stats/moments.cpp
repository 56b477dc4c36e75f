#include "ops/stats/moments.h"

#include <algorithm>
#include <cmath>

namespace vox {

SumScale sum_scale(const HistogramReducer& first) {
  const Summary summary = first.summary();
  if (summary.count == 0) return {};
  const std::vector<std::int64_t> counts = first.counts();
  const DType dtype = first.dtype();
  const BitOrder order = bit_order(dtype);
  const int rest = static_cast<int>(8 * size_of(dtype)) - first.bits();
  double centre = 0;
  for (std::uint64_t key = 0; key < counts.size(); ++key) {
    if (counts[key] == 0) continue;
    // The middle of what the bin can hold.
    const std::uint64_t low = bits_of_key(key, first.bits(), order) << rest;
    const std::uint64_t high = low | ((std::uint64_t{1} << rest) - 1);
    const double a = std::clamp(value_of_bits(low, dtype), summary.min, summary.max);
    const double b = std::clamp(value_of_bits(high, dtype), summary.min, summary.max);
    centre += (a / 2 + b / 2) * (static_cast<double>(counts[key]) / static_cast<double>(summary.count));
  }
  // Few digits, so that voxels minus the centre are exact more often; whole for integers.
  int exponent = 0;
  std::frexp(summary.max / 2 - summary.min / 2, &exponent);
  const double quantum = std::max(std::ldexp(1.0, exponent - 20), is_float(dtype) ? 0.0 : 1.0);
  if (quantum > 0) centre = std::nearbyint(centre / quantum) * quantum;
  return SumScale::around(std::clamp(centre, summary.min, summary.max), summary.min, summary.max);
}

SumScale sum_scale(DType dtype) { return SumScale::around(0, lowest_of(dtype), highest_of(dtype)); }

void MomentSums::add(const SegmentSums& segment, std::int64_t count) {
  count_ += count;
  sum_.add(segment.sum);
  squares_.add(segment.squares);
  min_ = std::min(min_, segment.min);
  max_ = std::max(max_, segment.max);
}

void MomentSums::add(double value, std::int64_t times, const SumScale& scale) {
  const double term = value * scale.factor - scale.shift;
  count_ += times;
  sum_.add(term, times);
  squares_.add(term * term, times);
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
}

void MomentSums::add(const MomentSums& other) {
  count_ += other.count_;
  sum_.add(other.sum_);
  squares_.add(other.squares_);
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

void MomentSums::exchange(KeptState& state) {
  state.value(count_);
  state.value(min_);
  state.value(max_);
  state.value(sum_);
  state.value(squares_);
}

Moments MomentSums::moments(const SumScale& scale) const {
  Moments result;
  if (count_ == 0) return result;
  const auto count = static_cast<double>(count_);
  const double term_mean = sum_.value() / count;
  const double variance = std::max(squares_.value() / count - term_mean * term_mean, 0.0);
  result.count = count_;
  result.min = min_ + 0.0;
  result.max = max_ + 0.0;
  // One rounding: whole sums below 2^53 come out exactly.
  result.sum = std::fma(count, scale.centre, sum_.value() / scale.factor);
  result.mean = std::isfinite(result.sum) ? result.sum / count : scale.centre + term_mean / scale.factor;
  result.std = std::sqrt(variance) / scale.factor;
  if (min_ == max_) {
    result.mean = min_ + 0.0;
    result.std = 0;
  }
  return result;
}

SegmentSource segment_source(const HistogramReducer& first) {
  const Summary summary = first.summary();
  return {first.dtype(), sum_scale(first), summary.count < summary.seen};
}

MomentsReducer::MomentsReducer(const HistogramReducer& first)
    : source_(segment_source(first)), summary_(first.summary()) {}

std::unique_ptr<Reducer> MomentsReducer::empty() const {
  return std::unique_ptr<Reducer>(new MomentsReducer(source_, summary_));
}

void MomentsReducer::observe(std::span<const ConstBlock> blocks) {
  const Extent3 size = blocks[0].shape();
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::int64_t y = 0; y < size.y; ++y)
      for_each_finite_segment(
          blocks, z, y, source_.specials, [&](const std::byte* voxels, std::int64_t count) {
            SegmentSums sums = segment_sums_only(voxels, source_.dtype, count, source_.scale);
            sums.min = summary_.min;
            sums.max = summary_.max;
            sums_.add(sums, count);
          });
}

void MomentsReducer::merge(const Reducer& other) {
  sums_.add(static_cast<const MomentsReducer&>(other).sums_);
}

bool MomentsReducer::exchange(KeptState& state) {
  sums_.exchange(state);
  return true;
}

Moments moments_from_counts(const HistogramReducer& first) {
  const SumScale scale = sum_scale(first);
  const std::vector<std::int64_t> counts = first.counts();
  MomentSums sums;
  for (std::uint64_t key = 0; key < counts.size(); ++key) {
    if (counts[key] == 0) continue;
    const std::uint64_t bits = bits_of_key(key, first.bits(), bit_order(first.dtype()));
    sums.add(value_of_bits(bits, first.dtype()), counts[key], scale);
  }
  return sums.moments(scale);
}

Moments exact_moments(DType dtype, const RunPass& run_pass) {
  HistogramReducer first(dtype);
  run_pass(first);
  if (first.whole()) return moments_from_counts(first);
  MomentsReducer second(first);
  run_pass(second);
  return second.moments();
}

}  // namespace vox
