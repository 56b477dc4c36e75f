// Numbers and measures of objects as few bytes, for parts that share a pass.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "core/kept_state.h"
#include "ops/label/object_measure.h"

namespace vox {

/// Passes `count` entries of numbers, most of them small, through `state`, some entries at a time:
/// `give(i, numbers)` fills entry i, or `take(i, numbers)` gets it, always in order.
template <std::size_t kNumbers, class Give, class Take>
void exchange_entries(KeptState& state, std::int64_t count, Give&& give, Take&& take) {
  constexpr std::int64_t kEntriesAtOnce = 4096;
  std::vector<std::uint64_t> numbers;
  for (std::int64_t first = 0; first < count; first += kEntriesAtOnce) {
    const std::int64_t entries = std::min(kEntriesAtOnce, count - first);
    numbers.assign(static_cast<std::size_t>(entries) * kNumbers, 0);
    const auto entry = [&](std::int64_t i) {
      return std::span<std::uint64_t, kNumbers>(numbers.data() + static_cast<std::size_t>(i) * kNumbers,
                                                kNumbers);
    };
    for (std::int64_t i = 0; i < entries && !state.loading(); ++i) give(first + i, entry(i));
    state.counts(numbers);
    for (std::int64_t i = 0; i < entries && state.loading(); ++i) take(first + i, entry(i));
  }
}

/// Passes the number of what follows; `own` when it is kept.
std::int64_t exchange_count(KeptState& state, std::size_t own);

/// Some 20 bytes each. REQUIRES: `measures` is empty when it is loaded.
void exchange_measures(KeptState& state, std::deque<ObjectMeasure>& measures);

}  // namespace vox
