#include "ops/stats/histogram_reducer.h"

#include <algorithm>
#include <cmath>

#include "ops/stats/inside.h"

namespace vox {
namespace {

constexpr std::int64_t kMostPending = UINT32_MAX;
constexpr std::int64_t kLongestRun = std::int64_t{1}
                                     << 14;  // what extremes and counts both read stays in the L1 cache

std::uint64_t load_bits(const std::byte* voxel, std::int64_t size) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, voxel, static_cast<std::size_t>(size));
  return bits;
}

}  // namespace

HistogramReducer::HistogramReducer(DType dtype)
    : dtype_(dtype),
      recent_(static_cast<std::size_t>(top_tables(size_of(dtype))) << top_bits(size_of(dtype))),
      flushed_(std::size_t{1} << top_bits(size_of(dtype))) {}

std::int64_t HistogramReducer::memory_bytes() const {
  return static_cast<std::int64_t>(recent_.size() * sizeof(std::uint32_t) +
                                   flushed_.size() * sizeof(std::int64_t)) +
         std::int64_t{sizeof(SegmentBuffer)};
}

void HistogramReducer::observe(std::span<const ConstBlock> blocks) {
  const std::int64_t size = size_of(dtype_);
  for_each_run_inside(blocks, [&](const std::byte* voxels, std::int64_t count) {
    const std::int64_t longest = kLongestRun / size;
    for (std::int64_t i = 0; i < count; i += longest) take(voxels + i * size, std::min(longest, count - i));
  });
}

void HistogramReducer::take(const std::byte* voxels, std::int64_t count) {
  const std::int64_t size = size_of(dtype_);
  if (pending_ + count > kMostPending) flush();
  pending_ += count;
  seen_ += count;
  count_top_bits(voxels, size, count, recent_.data());
  if (size <= 2) return;
  const BitExtremes here = bit_extremes(voxels, size, bit_order(dtype_), count);
  if (is_float(dtype_)) {
    const auto infinity = static_cast<std::int64_t>(exponent_field(dtype_, static_cast<int>(8 * size)));
    if (here.highest >= infinity || here.lowest <= ~infinity) return take_with_specials(voxels, count);
  }
  extremes_.add(here);
}

void HistogramReducer::take_with_specials(const std::byte* voxels, std::int64_t count) {
  const std::int64_t size = size_of(dtype_);
  const std::uint64_t infinity = exponent_field(dtype_, static_cast<int>(8 * size));
  const std::uint64_t sign = std::uint64_t{1} << (8 * size - 1);
  for (std::int64_t i = 0; i < count; ++i) {
    const std::uint64_t bits = load_bits(voxels + i * size, size);
    const std::uint64_t magnitude = bits & ~sign;
    if (magnitude < infinity) {
      const std::int64_t key = sortable(bits, size, BitOrder::floating);
      extremes_.add({key, key, bits, bits});
    } else if (magnitude > infinity) {
      ++nan_;
    } else {
      ++(bits & sign ? negative_infinity_ : positive_infinity_);
    }
  }
}

void HistogramReducer::flush() {
  for (std::size_t i = 0; i < recent_.size(); ++i) flushed_[i % flushed_.size()] += recent_[i];
  std::fill(recent_.begin(), recent_.end(), 0u);
  pending_ = 0;
}

void HistogramReducer::merge(const Reducer& other_reducer) {
  const auto& other = static_cast<const HistogramReducer&>(other_reducer);
  for (std::size_t i = 0; i < flushed_.size(); ++i) flushed_[i] += other.counted(i);
  extremes_.add(other.extremes_);
  seen_ += other.seen_;
  nan_ += other.nan_;
  positive_infinity_ += other.positive_infinity_;
  negative_infinity_ += other.negative_infinity_;
}

bool HistogramReducer::exchange(KeptState& state) {
  flush();
  state.counts(flushed_);
  state.value(extremes_);
  for (std::int64_t* const count : {&seen_, &nan_, &positive_infinity_, &negative_infinity_})
    state.value(*count);
  return true;
}

std::int64_t HistogramReducer::counted(std::uint64_t bits) const {
  std::int64_t sum = flushed_[bits];
  for (std::size_t i = bits; i < recent_.size(); i += flushed_.size()) sum += recent_[i];
  return sum;
}

std::vector<std::int64_t> HistogramReducer::counts() const {
  const BitOrder order = bit_order(dtype_);
  const std::uint64_t special = is_float(dtype_) ? exponent_field(dtype_, bits()) : 0;
  std::vector<std::int64_t> sorted(flushed_.size());
  for (std::uint64_t bin = 0; bin < flushed_.size(); ++bin) {
    if (special != 0 && (bin & special) == special) continue;
    sorted[order_key(bin, bits(), order)] = counted(bin);
  }
  return sorted;
}

Summary HistogramReducer::summary() const {
  Summary result;
  result.seen = seen_;
  result.nan = nan_;
  result.positive_infinity = positive_infinity_;
  result.negative_infinity = negative_infinity_;
  const BitOrder order = bit_order(dtype_);
  if (dtype_ == DType::float16) {
    const std::uint64_t infinity = exponent_field(dtype_, 16);
    result.positive_infinity = counted(infinity);
    result.negative_infinity = counted(infinity | 0x8000u);
    for (std::uint64_t fraction = 1; fraction < 1024; ++fraction)
      result.nan += counted(infinity | fraction) + counted(infinity | 0x8000u | fraction);
  }
  result.count = seen_ - result.nan - result.positive_infinity - result.negative_infinity;
  if (result.count == 0) return result;
  const auto set_extremes = [&](std::uint64_t lowest, std::uint64_t highest) {
    result.exact_min = exact_value_of_bits(lowest, dtype_);
    result.exact_max = exact_value_of_bits(highest, dtype_);
    result.min = static_cast<double>(result.exact_min);
    result.max = static_cast<double>(result.exact_max);
  };
  if (!whole()) {
    const auto bits_of = [&](auto extreme) {
      return static_cast<std::uint64_t>(
          sortable(static_cast<std::uint64_t>(extreme), size_of(dtype_), order));
    };
    set_extremes(bits_of(extremes_.lowest), bits_of(extremes_.highest));
    return result;
  }
  const std::vector<std::int64_t> sorted = counts();
  const auto held = [](std::int64_t count) { return count > 0; };
  const auto first = std::find_if(sorted.begin(), sorted.end(), held) - sorted.begin();
  const auto last = sorted.rend() - std::find_if(sorted.rbegin(), sorted.rend(), held) - 1;
  set_extremes(bits_of_key(static_cast<std::uint64_t>(first), bits(), order),
               bits_of_key(static_cast<std::uint64_t>(last), bits(), order));
  return result;
}

}  // namespace vox
