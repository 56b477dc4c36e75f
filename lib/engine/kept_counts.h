// Tables of counters under numbers, kept in few bytes: what one of several parts has counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/kept_state.h"

namespace vox {

/// Tables under the same key add up. Many zeros and small numbers take little memory.
class KeptCounts {
 public:
  /// Keys are from 0 to `keys` - 1; each table has `size` counters.
  KeptCounts(std::int64_t keys, std::int64_t size) : keys_(keys), size_(size) {}

  void clear() { tables_.clear(); }
  void add(std::int64_t key, std::span<const std::int64_t> counts);
  /// Gives all to `state`, or adds what is there.
  void exchange(KeptState& state);

  using Take = std::function<void(std::int64_t key, std::span<std::int64_t> counts)>;
  /// Shows the sum of each key in ascending order; zeros where it has no table.
  void for_each_sum(const Take& take) const;

 private:
  struct Table {
    std::int64_t key = 0;
    std::vector<std::byte> coded;
  };

  std::int64_t keys_;
  std::int64_t size_;
  std::vector<Table> tables_;
};

}  // namespace vox
