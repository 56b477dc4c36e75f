#include <algorithm>
#include <cstring>

#include "ops/stats/inside.h"
#include "ops/stats/rank_search.h"

namespace vox {
namespace {

constexpr std::int64_t kNarrowLimit = UINT32_MAX;

}  // namespace

RankRefiner::RankRefiner(DType dtype, std::vector<BitBucket> buckets, int rest, int low)
    : dtype_(dtype),
      buckets_(std::move(buckets)),
      rest_(rest),
      low_(low),
      wanted_top_(std::size_t{1} << top_bits(size_of(dtype))),
      first_of_top_(wanted_top_.size()) {
  const bool wide = std::any_of(buckets_.begin(), buckets_.end(),
                                [](const BitBucket& b) { return b.count > kNarrowLimit; });
  const std::size_t counters = buckets_.size() << (rest_ - low_);
  wide ? wide_.resize(counters) : narrow_.resize(counters);
  const auto top_shift = 8 * size_of(dtype_) - top_bits(size_of(dtype_));
  for (std::size_t i = buckets_.size(); i-- > 0;) {
    const std::uint64_t top = buckets_[i].prefix >> top_shift;
    wanted_top_[top] = 1;
    first_of_top_[top] = static_cast<std::uint16_t>(i);
  }
}

std::unique_ptr<Reducer> RankRefiner::empty() const {
  return std::make_unique<RankRefiner>(dtype_, buckets_, rest_, low_);
}

std::int64_t RankRefiner::memory_bytes() const {
  return static_cast<std::int64_t>(narrow_.size() * 4 + wide_.size() * 8 + wanted_top_.size() * 3) +
         2 * std::int64_t{sizeof(SegmentBuffer)};
}

void RankRefiner::observe(std::span<const ConstBlock> blocks) {
  if (buckets_.empty()) return;
  for_each_run_inside(blocks, [&](const std::byte* voxels, std::int64_t count) {
    if (size_of(dtype_) == 4)
      take<std::uint32_t>(voxels, count);
    else
      take<std::uint64_t>(voxels, count);
  });
}

template <class Word>
void RankRefiner::take(const std::byte* voxels, std::int64_t count) {
  constexpr int kTopShift = 8 * sizeof(Word) - top_bits(sizeof(Word));
  SegmentBuffer buffer;
  auto* const wanted = reinterpret_cast<Word*>(buffer.bytes);
  const auto* words = reinterpret_cast<const Word*>(voxels);
  const std::uint8_t* const is_wanted = wanted_top_.data();
  for (; count > 0; words += kSegment, count -= kSegment) {
    const std::int64_t size = std::min(count, kSegment);
    std::size_t kept = 0;
    for (std::int64_t i = 0; i < size; ++i) {
      const Word word = words[i];
      wanted[kept] = word;
      kept += is_wanted[word >> kTopShift];
    }
    const std::span<const Word> found(wanted, kept);
    wide_.empty() ? count_wanted(found, narrow_) : count_wanted(found, wide_);
  }
}

template <class Word, class Counter>
void RankRefiner::count_wanted(std::span<const Word> wanted, std::vector<Counter>& counters) {
  const int split_bits = rest_ - low_;
  const std::uint64_t bin_mask = (std::uint64_t{1} << split_bits) - 1;
  const bool by_top = rest_ + top_bits(sizeof(Word)) == static_cast<int>(8 * sizeof(Word));
  for (const Word word : wanted) {
    const std::uint64_t bits = word;
    const std::size_t bucket = by_top ? first_of_top_[bits >> rest_] : bucket_of(bits);
    if (bucket < buckets_.size()) ++counters[(bucket << split_bits) + (bits >> low_ & bin_mask)];
  }
}

std::size_t RankRefiner::bucket_of(std::uint64_t bits) const {
  const std::uint64_t prefix = bits >> rest_ << rest_;
  std::size_t i = first_of_top_[bits >> (8 * size_of(dtype_) - top_bits(size_of(dtype_)))];
  while (i < buckets_.size() && buckets_[i].prefix < prefix) ++i;
  return i < buckets_.size() && buckets_[i].prefix == prefix ? i : buckets_.size();
}

void RankRefiner::merge(const Reducer& other_reducer) {
  const auto& other = static_cast<const RankRefiner&>(other_reducer);
  for (std::size_t i = 0; i < narrow_.size(); ++i) narrow_[i] += other.narrow_[i];
  for (std::size_t i = 0; i < wide_.size(); ++i) wide_[i] += other.wide_[i];
}

bool RankRefiner::exchange(KeptState& state) {
  state.counts(narrow_);
  state.counts(wide_);
  return true;
}

}  // namespace vox
