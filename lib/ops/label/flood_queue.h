// The voxels that a flood reaches next: lowest level first, among equal ones the first that came.
#pragma once

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "ops/label/chunk_queue.h"
#include "ops/label/level_queues.h"
#include "ops/label/slow_growing.h"

namespace vox {

/// Voxels wait in queues by their order of arrival. Those of the lowest queue go on at once if all have the
/// same level, else through a heap, where what is left stays when lower ones come.
template <class Level, class Index>
class FloodQueue {
  struct Item {
    Level level;
    Index arrival;
    Index index;
  };
  static constexpr bool kWide = sizeof(Level) > 2;
  struct Wide {
    Level level;
    Index index;
  };
  /// Where a queue has one level it need not be kept.
  struct Narrow {
    Narrow(const Wide& wide) : index(wide.index) {}
    Index index;
  };
  using Entry = std::conditional_t<kWide, Wide, Narrow>;
  using Heap = SlowGrowing<Item>;
  static constexpr std::uint32_t kNone = 0xffffffff;

 public:
  /// Every level that will come was announced to `map`.
  explicit FloodQueue(const LevelQueues<Level>& map) : map_(map) {}

  bool empty() const { return filled_.empty() && heap_.empty(); }

  /// Calls fetch(index) for a voxel whose turn comes soon, so that its surroundings are in the cache by then.
  template <class Fetch>
  void push(Level level, Index index, const Fetch& fetch) {
    const std::uint32_t queue = map_.queue(level);
    if (queue == in_heap_) return push_heap({level, index}, fetch);
    if (queues_[queue].empty()) filled_.set(queue);
    queues_[queue].push(Wide{level, index}, pool_);
  }

  /// REQUIRES: not empty.
  template <class Fetch>
  Index pop(const Fetch& fetch) {
    if (heap_.empty()) {
      const std::uint32_t lowest = filled_.lowest();
      if (in_order(lowest)) return pop_queue(lowest, fetch);
      refill(lowest, fetch);
    } else if (!filled_.empty()) {
      const std::uint32_t lowest = filled_.lowest();
      const std::uint32_t top = map_.queue(heap_.front().level);
      if (lowest < top && in_order(lowest)) return pop_queue(lowest, fetch);
      if (lowest <= top) refill(lowest, fetch);
    }
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const Index index = heap_.back().index;
    heap_.pop_back();
    return index;
  }

  /// Memory for at most so many voxels at once.
  static std::int64_t bytes(std::int64_t voxels) {
    constexpr auto kQueue = static_cast<std::int64_t>(sizeof(ChunkQueue<Entry>) + sizeof(Level) + 2);
    const std::int64_t queues = std::min(voxels, kFloodQueues);
    const std::int64_t entries = ChunkQueue<Entry>::bytes(voxels, queues);
    // A voxel is in a queue or in the heap, never in both.
    const std::int64_t items =
        sizeof(Level) <= 2 ? 0 : Heap::bytes(voxels) + ChunkQueue<Entry>::bytes(0, queues);
    return kFloodQueues * kQueue + std::max(entries, items);
  }

 private:
  /// Order of the standard heaps, whose top comes last.
  static bool later(const Item& a, const Item& b) {
    if constexpr (sizeof(Level) + sizeof(Index) == 8) {
      const auto order = [](const Item& item) { return std::uint64_t{item.level} << 32 | item.arrival; };
      return order(a) > order(b);
    } else {
      return a.level != b.level ? a.level > b.level : a.arrival > b.arrival;
    }
  }

  bool in_order(std::uint32_t queue) const { return !map_.mixed(queue) || queues_[queue].single(); }

  template <class Fetch>
  Index pop_queue(std::uint32_t queue, const Fetch& fetch) {
    const Index index = queues_[queue].pop(pool_).index;
    if (const Entry* const ahead = queues_[queue].ahead(); ahead != nullptr) fetch(ahead->index);
    if (queues_[queue].empty()) filled_.clear(queue);
    return index;
  }
  template <class Fetch>
  void push_heap(const Wide& entry, const Fetch& fetch) {
    fetch(entry.index);
    if (heap_.empty()) arrivals_ = 0;
    heap_.push_back({entry.level, arrivals_++, entry.index});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }
  /// What is in the heap of this queue came earlier than what is still in the queue.
  template <class Fetch>
  void refill(std::uint32_t queue, const Fetch& fetch) {
    in_heap_ = queue;
    filled_.clear(queue);
    if constexpr (kWide)
      while (!queues_[queue].empty()) push_heap(queues_[queue].pop(pool_), fetch);
  }

  const LevelQueues<Level>& map_;
  std::uint32_t in_heap_ = kNone;  ///< the mixed queue whose newcomers go to the heap
  Index arrivals_ = 0;
  ChunkPool pool_;
  QueueMap filled_;
  std::vector<ChunkQueue<Entry>> queues_ = std::vector<ChunkQueue<Entry>>(kFloodQueues);
  Heap heap_;
};

}  // namespace vox
