#include "ops/stats/rank_selector.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <span>

#include "ops/stats/bit_order.h"
#include "ops/stats/percentiles.h"

namespace vox {
namespace {

template <BitOrder order, class Word>
Word key_of(Word bits) {
  constexpr int kWidth = 8 * sizeof(Word);
  constexpr auto kSign = static_cast<Word>(Word{1} << (kWidth - 1));
  if constexpr (order == BitOrder::unsigned_integer) return bits;
  if constexpr (order == BitOrder::signed_integer) return static_cast<Word>(bits ^ kSign);
  return static_cast<Word>(bits ^ (static_cast<Word>(-(bits >> (kWidth - 1))) | kSign));
}

/// Counts voxels by order key, loaded in words of several.
template <BitOrder order, class Voxel>
void count_in_order(const Voxel* voxels, std::int64_t size, std::uint32_t* counts) {
  constexpr std::int64_t kPerWord = sizeof(std::uint64_t) / sizeof(Voxel);
  std::int64_t i = 0;
  for (; i + kPerWord <= size; i += kPerWord) {
    std::uint64_t word;
    std::memcpy(&word, voxels + i, sizeof word);
    for (std::size_t k = 0; k < kPerWord; ++k)
      ++counts[key_of<order>(static_cast<Voxel>(word >> (8 * sizeof(Voxel) * k)))];
  }
  for (; i < size; ++i) ++counts[key_of<order>(voxels[i])];
}

template <class Voxel>
void count_keys(const Voxel* voxels, BitOrder order, std::int64_t size, std::uint32_t* counts) {
  if (order == BitOrder::unsigned_integer)
    count_in_order<BitOrder::unsigned_integer>(voxels, size, counts);
  else if (order == BitOrder::signed_integer)
    count_in_order<BitOrder::signed_integer>(voxels, size, counts);
  else
    count_in_order<BitOrder::floating>(voxels, size, counts);
}

/// Scattered evenly over the keys, so that no period of an image meets them.
template <class Word>
void take_sample(const Word* keys, std::int64_t count, std::span<Word> sample) {
  constexpr std::uint64_t kGoldenRatio = 0x9E3779B97F4A7C15;
  for (std::size_t i = 0; i < sample.size(); ++i)
    sample[i] = keys[(i * kGoldenRatio >> 32) * static_cast<std::uint64_t>(count) >> 32];
}

int width_of(DType dtype) { return static_cast<int>(8 * size_of(dtype)); }

}  // namespace

RankSelector::RankSelector(DType dtype, std::int64_t most_voxels, bool positive) : dtype_(dtype) {
  const int width = width_of(dtype);
  const BitOrder order = bit_order(dtype);
  const std::uint64_t sign = std::uint64_t{1} << (width - 1);
  lowest_ = 0;
  highest_ = width == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
  if (is_float(dtype)) {
    const std::uint64_t infinity = exponent_field(dtype, width);
    lowest_ = order_key(infinity | sign, width, order) + 1;
    highest_ = order_key(infinity, width, order) - 1;
  }
  if (positive) lowest_ = order_key(0, width, order) + 1;
  const std::int64_t size = size_of(dtype);
  if (size <= 2) {
    counts_.resize(std::size_t{1} << width);
    return;
  }
  keys_.resize(static_cast<std::size_t>(most_voxels * size));
  part_.resize(keys_.size());
}

std::int64_t RankSelector::bytes(DType dtype, std::int64_t most_voxels) {
  const std::int64_t size = size_of(dtype);
  return size <= 2 ? std::int64_t{4} << (8 * size) : 2 * most_voxels * size;
}

void RankSelector::clear() {
  taken_ = 0;
  if (size_of(dtype_) <= 2) std::fill(counts_.begin(), counts_.end(), 0u);
}

void RankSelector::take(const std::byte* voxels, std::int64_t count) {
  const std::int64_t size = size_of(dtype_);
  const BitOrder order = bit_order(dtype_);
  if (size == 1) {
    count_keys(reinterpret_cast<const std::uint8_t*>(voxels), order, count, counts_.data());
  } else if (size == 2) {
    count_keys(reinterpret_cast<const std::uint16_t*>(voxels), order, count, counts_.data());
  } else {
    count = keys_in_range(voxels, size, order, count, {lowest_, highest_}, keys_.data() + taken_ * size);
  }
  taken_ += count;
}

std::int64_t RankSelector::count() const {
  if (size_of(dtype_) > 2) return taken_;
  const auto first = counts_.begin();
  const auto lowest = static_cast<std::ptrdiff_t>(lowest_);
  const auto behind = static_cast<std::ptrdiff_t>(highest_ + 1);
  const std::int64_t left_out = std::accumulate(first, first + lowest, std::int64_t{0});
  return taken_ - std::accumulate(first + behind, counts_.end(), left_out);
}

RankSelector::Found RankSelector::find_counted(std::int64_t rank) const {
  std::uint64_t key = lowest_;
  std::int64_t up_to = counts_[key];
  while (up_to <= rank) up_to += counts_[++key];
  if (rank + 1 < up_to) return {key, key};
  std::uint64_t next = key + 1;
  while (next <= highest_ && counts_[next] == 0) ++next;
  return {key, next <= highest_ ? next : ~std::uint64_t{0}};
}

/// Keys between which the rank lies in all likelihood: neighbours of its place in a sample.
template <class Word>
KeyRange RankSelector::range_around(std::int64_t rank) {
  const auto count = static_cast<double>(taken_);
  const double size = std::ceil(std::cbrt(count * count));
  const double place = static_cast<double>(rank) / count * size;
  const double margin = std::ceil(0.5 * std::sqrt(size * std::log(count)));
  const std::span sample(reinterpret_cast<Word*>(part_.data()), static_cast<std::size_t>(size));
  take_sample(reinterpret_cast<const Word*>(keys_.data()), taken_, sample);
  KeyRange range{0, std::numeric_limits<Word>::max()};
  auto begin = sample.begin();
  if (place - margin >= 0) {
    const auto low = begin + static_cast<std::ptrdiff_t>(place - margin);
    std::nth_element(begin, low, sample.end());
    range.lowest = *low;
    begin = low;
  }
  if (place + margin < size) {
    const auto high = sample.begin() + static_cast<std::ptrdiff_t>(place + margin);
    std::nth_element(begin, high, sample.end());
    range.highest = *high;
  }
  return range;
}

template <class Word>
RankSelector::Found RankSelector::find_key(std::int64_t rank) {
  const auto pick = [&](const KeyRange& range) {
    return keys_within(keys_.data(), sizeof(Word), taken_, range, part_.data());
  };
  KeyRange range = range_around<Word>(rank);
  KeyCounts counts = pick(range);
  if (rank < counts.below)
    counts = pick(range = {0, range.lowest - 1});
  else if (rank >= counts.below + counts.within)
    counts = pick(range = {range.highest + 1, std::numeric_limits<Word>::max()});
  auto* const first = reinterpret_cast<Word*>(part_.data());
  Word* const end = first + counts.within;
  Word* const at = first + (rank - counts.below);
  std::nth_element(first, at, end);
  if (at + 1 < end) return {*at, *std::min_element(at + 1, end)};
  return {*at, smallest_key_above(keys_.data(), sizeof(Word), taken_, range.highest)};
}

double RankSelector::value_of(std::uint64_t key) const {
  return value_of_bits(bits_of_key(key, width_of(dtype_), bit_order(dtype_)), dtype_);
}

double RankSelector::percentile(double percent) {
  const std::int64_t voxels = count();
  if (voxels == 0) return std::numeric_limits<double>::quiet_NaN();
  const PercentilePlace place = percentile_place(percent, voxels);
  const Found found = size_of(dtype_) <= 2   ? find_counted(place.below)
                      : size_of(dtype_) == 4 ? find_key<std::uint32_t>(place.below)
                                             : find_key<std::uint64_t>(place.below);
  const std::uint64_t above = place.above > place.below ? found.next : found.key;
  return interpolate(value_of(found.key), value_of(above), place.weight);
}

}  // namespace vox
