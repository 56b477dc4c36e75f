#include "engine/kept_counts.h"

#include <algorithm>
#include <utility>

#include "core/error.h"

namespace vox {

void KeptCounts::add(std::int64_t key, std::span<const std::int64_t> counts) {
  std::vector<std::int64_t> table(counts.begin(), counts.end());
  KeptState coded;
  coded.counts(table);
  tables_.push_back({key, coded.bytes()});
}

void KeptCounts::exchange(KeptState& state) {
  auto count = static_cast<std::int64_t>(tables_.size());
  state.value(count);
  if (!state.loading()) {
    for (Table& table : tables_) {
      state.value(table.key);
      state.list(table.coded);
    }
    return;
  }
  for (; count > 0; --count) {
    Table table;
    state.value(table.key);
    if (table.key < 0 || table.key >= keys_) fail_damaged("the counts of a pass are not what was kept");
    state.list(table.coded);
    tables_.push_back(std::move(table));
  }
}

void KeptCounts::for_each_sum(const Take& take) const {
  std::vector<const Table*> sorted;
  for (const Table& table : tables_) sorted.push_back(&table);
  std::sort(sorted.begin(), sorted.end(), [](const Table* a, const Table* b) { return a->key < b->key; });
  std::vector<std::int64_t> sum(static_cast<std::size_t>(size_));
  std::vector<std::int64_t> one(sum.size());
  auto next = sorted.begin();
  for (std::int64_t key = 0; key < keys_; ++key) {
    std::fill(sum.begin(), sum.end(), 0);
    for (; next != sorted.end() && (*next)->key == key; ++next) {
      KeptState coded((*next)->coded);
      coded.counts(one);
      for (std::size_t bin = 0; bin < sum.size(); ++bin) sum[bin] += one[bin];
    }
    take(key, sum);
  }
}

}  // namespace vox
