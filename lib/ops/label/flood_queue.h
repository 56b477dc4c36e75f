// The voxels that a flood reaches next: lowest level first, among equal ones the first that came.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "ops/label/chunk_queue.h"
#include "ops/label/slow_growing.h"

namespace vox {

/// Which of 65,536 queues hold something; the lowest is found in three steps.
class QueueMap {
 public:
  void set(std::uint32_t queue) {
    words_[queue >> 6] |= std::uint64_t{1} << (queue & 63);
    above_[queue >> 12] |= std::uint64_t{1} << (queue >> 6 & 63);
    top_ |= 1U << (queue >> 12);
  }
  void clear(std::uint32_t queue) {
    if ((words_[queue >> 6] &= ~(std::uint64_t{1} << (queue & 63))) != 0) return;
    if ((above_[queue >> 12] &= ~(std::uint64_t{1} << (queue >> 6 & 63))) != 0) return;
    top_ &= ~(1U << (queue >> 12));
  }
  bool empty() const { return top_ == 0; }
  std::uint32_t lowest() const {
    const auto block = static_cast<std::uint32_t>(std::countr_zero(top_));
    const auto word = block << 6 | static_cast<std::uint32_t>(std::countr_zero(above_[block]));
    return word << 6 | static_cast<std::uint32_t>(std::countr_zero(words_[word]));
  }

 private:
  std::array<std::uint64_t, 1024> words_{};
  std::array<std::uint64_t, 16> above_{};
  std::uint32_t top_ = 0;
};

inline constexpr std::int64_t kFloodQueues = 1 << 16;

/// Which queue a level belongs to: of 16 bits every level has its own; wider ones share a queue with those
/// that agree in their upper bits, counted from the lowest.
template <class Level>
class LevelQueues {
 public:
  LevelQueues(Level low, Level high) : low_(low), shift_(shift_for(low, high)) {}

  std::uint32_t queue(Level level) const {
    if constexpr (sizeof(Level) <= 2)
      return level;
    else
      return static_cast<std::uint32_t>(static_cast<Level>(level - low_) >> shift_);
  }
  /// A voxel of this level will come.
  void announce(Level level) {
    if constexpr (sizeof(Level) > 2) {
      const std::uint32_t to = queue(level);
      if (!seen_[to]) {
        seen_[to] = 1;
        first_[to] = level;
      } else if (first_[to] != level) {
        mixed_[to] = 1;
      }
    }
  }
  /// True when voxels of more than one level come to the queue.
  bool mixed(std::uint32_t queue) const {
    if constexpr (sizeof(Level) <= 2)
      return false;
    else
      return mixed_[queue] != 0;
  }

 private:
  static constexpr std::size_t kSlots = sizeof(Level) <= 2 ? 0 : kFloodQueues;

  static int shift_for(Level low, Level high) {
    return std::max(0, static_cast<int>(std::bit_width(static_cast<Level>(high - low))) - 16);
  }

  Level low_;
  int shift_;
  std::vector<Level> first_ = std::vector<Level>(kSlots);
  std::vector<std::uint8_t> seen_ = std::vector<std::uint8_t>(kSlots);
  std::vector<std::uint8_t> mixed_ = std::vector<std::uint8_t>(kSlots);
};

/// Voxels wait in queues by their order of arrival. Those of the lowest queue go on at once if all have the
/// same level, else through a heap, where what is left stays when lower ones come.
template <class Level, class Index>
class FloodQueue {
 public:
  /// `levels`: of all voxels by their index. Every level that will come was announced to `map`.
  FloodQueue(const Level* levels, const LevelQueues<Level>& map) : levels_(levels), map_(map) {}

  bool empty() const { return filled_.empty() && heap_.empty(); }

  void push(Index index) {
    const std::uint32_t queue = map_.queue(levels_[index]);
    if (queue == in_heap_) return push_heap(index);
    if (queues_[queue].empty()) filled_.set(queue);
    queues_[queue].push(index, pool_);
  }

  /// REQUIRES: not empty.
  Index pop() {
    if (heap_.empty()) {
      const std::uint32_t lowest = filled_.lowest();
      if (!map_.mixed(lowest)) return pop_queue(lowest);
      refill(lowest);
    } else if (!filled_.empty()) {
      const std::uint32_t lowest = filled_.lowest();
      const std::uint32_t top = map_.queue(levels_[heap_.front().index]);
      if (lowest < top && !map_.mixed(lowest)) return pop_queue(lowest);
      if (lowest <= top) refill(lowest);
    }
    std::pop_heap(heap_.begin(), heap_.end(), later());
    const Index index = heap_.back().index;
    heap_.pop_back();
    return index;
  }

  /// Memory for at most so many voxels at once.
  static std::int64_t bytes(std::int64_t voxels) {
    constexpr auto kQueue = static_cast<std::int64_t>(sizeof(ChunkQueue<Index>) + sizeof(Level) + 2);
    const std::int64_t queues = std::min(voxels, kFloodQueues);
    const std::int64_t entries = ChunkQueue<Index>::bytes(voxels, queues);
    // A voxel is in a queue or in the heap, never in both.
    const std::int64_t items =
        sizeof(Level) <= 2 ? 0 : Heap::bytes(voxels) + ChunkQueue<Index>::bytes(0, queues);
    return kFloodQueues * kQueue + std::max(entries, items);
  }

 private:
  struct Item {
    Index arrival;
    Index index;
  };
  using Heap = SlowGrowing<Item>;
  static constexpr std::uint32_t kNone = 0xffffffff;

  /// Order of the standard heaps, whose top comes last.
  auto later() const {
    return [this](const Item& a, const Item& b) {
      const Level level_a = levels_[a.index];
      const Level level_b = levels_[b.index];
      return level_a != level_b ? level_a > level_b : a.arrival > b.arrival;
    };
  }

  Index pop_queue(std::uint32_t queue) {
    const Index index = queues_[queue].pop(pool_);
    if (queues_[queue].empty()) filled_.clear(queue);
    return index;
  }
  void push_heap(Index index) {
    if (heap_.empty()) arrivals_ = 0;
    heap_.push_back({arrivals_++, index});
    std::push_heap(heap_.begin(), heap_.end(), later());
  }
  /// What is in the heap of this queue came earlier than what is still in the queue.
  void refill(std::uint32_t queue) {
    in_heap_ = queue;
    filled_.clear(queue);
    while (!queues_[queue].empty()) push_heap(queues_[queue].pop(pool_));
  }

  const Level* levels_;
  const LevelQueues<Level>& map_;
  std::uint32_t in_heap_ = kNone;  ///< the mixed queue whose newcomers go to the heap
  Index arrivals_ = 0;
  ChunkPool pool_;
  QueueMap filled_;
  std::vector<ChunkQueue<Index>> queues_ = std::vector<ChunkQueue<Index>>(kFloodQueues);
  Heap heap_;
};

}  // namespace vox
