#include "ops/stats/rank_search.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace vox {
namespace {

constexpr int kMostBits = 16;
/// Counters that one pass may have: 5 MiB, enough for the 20 buckets of ten percentiles in one pass.
constexpr std::int64_t kMostCounters = std::int64_t{20} << kMostBits;

std::uint64_t low_mask(int bits) { return bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1; }

}  // namespace

RankSearch::RankSearch(const HistogramReducer& first, std::vector<std::int64_t> ranks)
    : dtype_(first.dtype()),
      width_(static_cast<int>(8 * size_of(dtype_))),
      rest_(width_ - first.bits()),
      varying_(first.whole() ? 0 : first.any_bits() & ~first.all_bits()),
      constant_(first.whole() ? 0 : first.all_bits()) {
  if (first.summary().seen == 0) planned_passes_ = (rest_ + kMostBits - 1) / kMostBits;
  std::sort(ranks.begin(), ranks.end());
  ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());
  const std::vector<std::int64_t> counts = first.counts();
  std::int64_t before = 0;
  std::size_t next = 0;
  for (std::uint64_t key = 0; key < counts.size(); ++key) {
    const std::uint64_t prefix = bits_of_key(key, first.bits(), bit_order(dtype_)) << rest_;
    for (; next < ranks.size() && ranks[next] < before + counts[key]; ++next)
      targets_.push_back({ranks[next], ranks[next] - before, {prefix, counts[key]}});
    before += counts[key];
  }
  skip_constant_bits();
}

bool RankSearch::done() const { return planned_passes_ == 0 && (rest_ == 0 || targets_.empty()); }

void RankSearch::skip_constant_bits() {
  const std::uint64_t open = low_mask(rest_);
  const auto still_open = static_cast<int>(std::bit_width(varying_ & open));
  for (Target& target : targets_) target.bucket.prefix |= constant_ & open & ~low_mask(still_open);
  rest_ = still_open;
}

std::vector<BitBucket> RankSearch::buckets() const {
  std::vector<BitBucket> result;
  for (const Target& target : targets_) result.push_back(target.bucket);
  const auto less = [](const BitBucket& a, const BitBucket& b) { return a.prefix < b.prefix; };
  const auto same = [](const BitBucket& a, const BitBucket& b) { return a.prefix == b.prefix; };
  std::sort(result.begin(), result.end(), less);
  result.erase(std::unique(result.begin(), result.end(), same), result.end());
  return result;
}

int RankSearch::lowest_bit(std::size_t bucket_count) const {
  const auto each = static_cast<std::uint64_t>(kMostCounters) / std::max<std::size_t>(bucket_count, 1);
  const int bits = std::clamp(static_cast<int>(std::bit_width(each)) - 1, 1, kMostBits);
  const int lowest_varying = std::countr_zero(varying_ | (std::uint64_t{1} << (width_ - 1)));
  return std::max({rest_ - bits, std::min(lowest_varying, rest_), 0});
}

std::unique_ptr<RankRefiner> RankSearch::next_pass() const {
  std::vector<BitBucket> wanted = buckets();
  const int low = lowest_bit(wanted.size());
  return std::make_unique<RankRefiner>(dtype_, std::move(wanted), rest_, low);
}

void RankSearch::take(const RankRefiner& refiner) {
  if (planned_passes_ > 0) {
    --planned_passes_;
    return;
  }
  const std::vector<BitBucket> wanted = buckets();
  const int low = lowest_bit(wanted.size());
  const std::uint64_t bins = std::uint64_t{1} << (rest_ - low);
  for (Target& target : targets_) {
    const auto bucket = static_cast<std::size_t>(
        std::partition_point(wanted.begin(), wanted.end(),
                             [&](const BitBucket& b) { return b.prefix < target.bucket.prefix; }) -
        wanted.begin());
    // Among negative floating values, larger bits are smaller values.
    const bool downward = is_float(dtype_) && (target.bucket.prefix >> (width_ - 1)) != 0;
    std::uint64_t step = 0;
    while (target.within >= refiner.counted(bucket, downward ? bins - 1 - step : step))
      target.within -= refiner.counted(bucket, downward ? bins - 1 - step++ : step++);
    const std::uint64_t bin = downward ? bins - 1 - step : step;
    target.bucket = {target.bucket.prefix | bin << low, refiner.counted(bucket, bin)};
  }
  rest_ = low;
  skip_constant_bits();
}

double RankSearch::value(std::int64_t rank) const {
  const auto target =
      std::find_if(targets_.begin(), targets_.end(), [&](const Target& t) { return t.rank == rank; });
  if (target == targets_.end()) return std::numeric_limits<double>::quiet_NaN();
  return value_of_bits(target->bucket.prefix, dtype_);
}

}  // namespace vox
