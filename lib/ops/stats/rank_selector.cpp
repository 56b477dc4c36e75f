#include "ops/stats/rank_selector.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>

#include "ops/stats/bit_order.h"
#include "ops/stats/percentiles.h"
#include "ops/stats/rank_keys.h"

namespace vox {
namespace {

constexpr int kDigit = 11;  // bits that are told apart at once: the counters stay in the fastest cache
constexpr std::size_t kDigits = std::size_t{1} << kDigit;
constexpr std::size_t kTables = 4;

template <BitOrder order, class Word>
Word key_of(Word bits) {
  constexpr int kWidth = 8 * sizeof(Word);
  constexpr auto kSign = static_cast<Word>(Word{1} << (kWidth - 1));
  if constexpr (order == BitOrder::unsigned_integer) return bits;
  if constexpr (order == BitOrder::signed_integer) return static_cast<Word>(bits ^ kSign);
  return static_cast<Word>(bits ^ (static_cast<Word>(-(bits >> (kWidth - 1))) | kSign));
}

/// Counts the digits of keys in four tables in turn, of which the first gets the sums: neighbours are alike,
/// and a counter that was just written cannot be read again at once.
template <class Word>
void count_digits(const Word* keys, std::int64_t size, int shift, Word mask, std::uint32_t* counts) {
  std::fill_n(counts, kTables * kDigits, 0u);
  std::int64_t i = 0;
  for (; i + 4 <= size; i += 4) {
    ++counts[keys[i] >> shift & mask];
    ++counts[kDigits + (keys[i + 1] >> shift & mask)];
    ++counts[2 * kDigits + (keys[i + 2] >> shift & mask)];
    ++counts[3 * kDigits + (keys[i + 3] >> shift & mask)];
  }
  for (; i < size; ++i) ++counts[keys[i] >> shift & mask];
  for (std::size_t digit = 0; digit < kDigits; ++digit)
    counts[digit] += counts[kDigits + digit] + counts[2 * kDigits + digit] + counts[3 * kDigits + digit];
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
  counts_.resize(size <= 2 ? std::size_t{1} << width : kTables * kDigits);
  if (size <= 2) return;
  keys_.resize(static_cast<std::size_t>(most_voxels * size));
  part_.resize(keys_.size());
}

std::int64_t RankSelector::bytes(DType dtype, std::int64_t most_voxels) {
  const std::int64_t size = size_of(dtype);
  return size <= 2 ? std::int64_t{4} << (8 * size)
                   : 2 * most_voxels * size + static_cast<std::int64_t>(4 * kTables * kDigits);
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

RankSelector::Found RankSelector::find(std::int64_t rank) {
  if (size_of(dtype_) <= 2) return find_counted(rank);
  return size_of(dtype_) == 4 ? find_key<std::uint32_t>(rank) : find_key<std::uint64_t>(rank);
}

RankSelector::Found RankSelector::find_counted(std::int64_t rank) const {
  std::int64_t up_to = 0;
  std::uint64_t key = lowest_;
  while ((up_to += counts_[key]) <= rank) ++key;
  return {key, up_to};
}

template <class Word>
RankSelector::Found RankSelector::find_key(std::int64_t rank) {
  const auto* from = reinterpret_cast<const Word*>(keys_.data());
  std::int64_t size = taken_;
  std::int64_t below = 0;
  Word found = 0;
  for (int open = 8 * sizeof(Word); open > 0;) {
    const int bits = std::min(open, kDigit);
    const int shift = open - bits;
    const Word mask = static_cast<Word>((Word{1} << bits) - 1);
    count_digits(from, size, shift, mask, counts_.data());
    std::size_t digit = 0;
    while (below + counts_[digit] <= rank) below += counts_[digit++];
    found |= static_cast<Word>(digit) << shift;
    if (shift == 0) return {found, below + counts_[digit]};
    size = keys_with_digit(reinterpret_cast<const std::byte*>(from), sizeof(Word), size, shift, mask, digit,
                           part_.data());
    from = reinterpret_cast<const Word*>(part_.data());
    open = shift;
  }
  return {found, below};
}

std::uint64_t RankSelector::next_above(std::uint64_t key) const {
  if (size_of(dtype_) <= 2) {
    do ++key;
    while (counts_[key] == 0);
    return key;
  }
  return smallest_key_above(keys_.data(), size_of(dtype_), taken_, key);
}

double RankSelector::value_of(std::uint64_t key) const {
  return value_of_bits(bits_of_key(key, width_of(dtype_), bit_order(dtype_)), dtype_);
}

double RankSelector::percentile(double percent) {
  const std::int64_t voxels = count();
  if (voxels == 0) return std::numeric_limits<double>::quiet_NaN();
  const PercentilePlace place = percentile_place(percent, voxels);
  const Found below = find(place.below);
  const bool same = place.above < below.up_to;
  const std::uint64_t above = same ? below.key : next_above(below.key);
  return interpolate(value_of(below.key), value_of(above), place.weight);
}

}  // namespace vox
