// The voxels that a flood reaches next: lowest level first, among equal ones the first that came.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "ops/label/chunk_queue.h"
#include "ops/label/level_queues.h"
#include "ops/label/slow_growing.h"

namespace vox {

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
