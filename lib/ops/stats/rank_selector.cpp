#include "ops/stats/rank_selector.h"

#include <algorithm>
#include <limits>

#include "ops/stats/bit_order.h"
#include "ops/stats/percentiles.h"

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

/// Calls `visitor` with the bit order as a constant.
template <class Visitor>
void visit_order(BitOrder order, Visitor&& visitor) {
  if (order == BitOrder::unsigned_integer)
    visitor(std::integral_constant<BitOrder, BitOrder::unsigned_integer>{});
  else if (order == BitOrder::signed_integer)
    visitor(std::integral_constant<BitOrder, BitOrder::signed_integer>{});
  else
    visitor(std::integral_constant<BitOrder, BitOrder::floating>{});
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
  count_ = 0;
  if (size_of(dtype_) <= 2) std::fill(counts_.begin(), counts_.end(), 0u);
}

void RankSelector::take(const std::byte* voxels, std::int64_t count) {
  const std::int64_t size = size_of(dtype_);
  if (size == 1) return take_words(reinterpret_cast<const std::uint8_t*>(voxels), count);
  if (size == 2) return take_words(reinterpret_cast<const std::uint16_t*>(voxels), count);
  if (size == 4) return take_words(reinterpret_cast<const std::uint32_t*>(voxels), count);
  take_words(reinterpret_cast<const std::uint64_t*>(voxels), count);
}

template <class Word>
void RankSelector::take_words(const Word* words, std::int64_t count) {
  const auto lowest = static_cast<Word>(lowest_);
  const auto highest = static_cast<Word>(highest_);
  visit_order(bit_order(dtype_), [&](auto order) {
    if constexpr (sizeof(Word) <= 2) {
      for (std::int64_t i = 0; i < count; ++i) {
        const Word key = key_of<decltype(order)::value>(words[i]);
        const bool counts = key >= lowest && key <= highest;
        counts_[key] += counts;
        count_ += counts;
      }
    } else {
      auto* const keys = reinterpret_cast<Word*>(keys_.data());
      std::int64_t kept = count_;
      // No branch: what is left out cannot be predicted. A key that is left out is written over.
      for (std::int64_t i = 0; i < count; ++i) {
        const Word key = key_of<decltype(order)::value>(words[i]);
        keys[kept] = key;
        kept += key >= lowest && key <= highest;
      }
      count_ = kept;
    }
  });
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
  auto* const part = reinterpret_cast<Word*>(part_.data());
  std::int64_t size = count_;
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
    std::int64_t kept = 0;
    for (std::int64_t i = 0; i < size; ++i) {
      const Word key = from[i];
      part[kept] = key;
      kept += (key >> shift & mask) == digit;
    }
    from = part;
    size = kept;
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
  const auto smallest_above = [&](const auto* keys) {
    using Word = std::remove_cvref_t<decltype(*keys)>;
    Word least = std::numeric_limits<Word>::max();
    for (std::int64_t i = 0; i < count_; ++i) least = keys[i] > key && keys[i] < least ? keys[i] : least;
    return std::uint64_t{least};
  };
  return size_of(dtype_) == 4 ? smallest_above(reinterpret_cast<const std::uint32_t*>(keys_.data()))
                              : smallest_above(reinterpret_cast<const std::uint64_t*>(keys_.data()));
}

double RankSelector::value_of(std::uint64_t key) const {
  return value_of_bits(bits_of_key(key, width_of(dtype_), bit_order(dtype_)), dtype_);
}

double RankSelector::percentile(double percent) {
  if (count_ == 0) return std::numeric_limits<double>::quiet_NaN();
  const PercentilePlace place = percentile_place(percent, count_);
  const Found below = find(place.below);
  const bool same = place.above < below.up_to;
  const std::uint64_t above = same ? below.key : next_above(below.key);
  return interpolate(value_of(below.key), value_of(above), place.weight);
}

}  // namespace vox
