#include "ops/label/watershed.h"

#include <algorithm>
#include <limits>

#include "core/cancel.h"
#include "ops/label/flood_queue.h"

namespace vox {
namespace {

template <class Level, class Index, class Label>
class Flood {
 public:
  explicit Flood(const FloodVolume& volume)
      : grid_(*volume.grid),
        cells_(reinterpret_cast<FloodCell<Level, Label>*>(volume.cells)),
        free_(volume.free),
        neighbours_(grid_.neighbours()) {
    for (const std::int64_t step : neighbours_)
      if (std::abs(step) > 16 && far_.size() < 4) far_.push_back(step);
  }

  void run() {
    LevelQueues<Level> map = level_map();
    announce(map);
    FloodQueue<Level, Index> queue(map);
    const auto fetch_soon = [this](Index at) { fetch(static_cast<std::int64_t>(at)); };
    push_markers(queue);
    for (std::int64_t turn = 0; !queue.empty(); ++turn) {
      if (turn % (1 << 16) == 0) check_cancelled();
      const auto here = static_cast<std::int64_t>(queue.pop(fetch_soon));
      const Label label = cells_[here].label;
      for (const std::int64_t step : neighbours_) {
        const std::int64_t there = here + step;
        std::uint64_t& word = free_[there / 64];
        const std::uint64_t bit = std::uint64_t{1} << (there % 64);
        if ((word & bit) == 0) continue;
        word ^= bit;
        cells_[there].label = label;
        queue.push(cells_[there].level, static_cast<Index>(there), fetch_soon);
      }
    }
  }

 private:
  void fetch(std::int64_t at) const {
    __builtin_prefetch(cells_ + at, 1);
    for (const std::int64_t step : far_) __builtin_prefetch(cells_ + at + step, 1);
  }

  bool is_free(std::int64_t at) const { return (free_[at / 64] >> (at % 64) & 1) != 0; }

  /// Calls visit(number) for every voxel in scan order that is free or has a label.
  template <class Visit>
  void for_each(Visit visit) const {
    const Extent3 n = grid_.shape();
    for (std::int64_t z = 0; z < n.z; ++z) {
      check_cancelled();
      for (std::int64_t y = 0; y < n.y; ++y) {
        const std::int64_t first = grid_.row(z, y);
        for (std::int64_t at = first; at < first + n.x; ++at)
          if (cells_[at].label != 0 || is_free(at)) visit(at);
      }
    }
  }

  LevelQueues<Level> level_map() const {
    Level low = std::numeric_limits<Level>::max();
    Level high = 0;
    if constexpr (sizeof(Level) > 2)
      for_each([&](std::int64_t at) {
        low = std::min(low, cells_[at].level);
        high = std::max(high, cells_[at].level);
      });
    return low <= high ? LevelQueues<Level>(low, high) : LevelQueues<Level>(0, 0);
  }

  void announce(LevelQueues<Level>& map) const {
    if constexpr (sizeof(Level) > 2) for_each([&](std::int64_t at) { map.announce(cells_[at].level); });
  }

  /// Only those that have a free neighbour: the others reach nothing.
  void push_markers(FloodQueue<Level, Index>& queue) const {
    for_each([&](std::int64_t at) {
      if (cells_[at].label == 0) return;
      for (const std::int64_t step : neighbours_)
        if (is_free(at + step)) return queue.push(cells_[at].level, static_cast<Index>(at), [](Index) {});
    });
  }

  const FloodGrid& grid_;
  FloodCell<Level, Label>* cells_;
  std::uint64_t* free_;
  const std::vector<std::int64_t>& neighbours_;
  std::vector<std::int64_t> far_;
};

bool short_numbers(const FloodGrid& grid) { return grid.size() <= std::numeric_limits<std::uint32_t>::max(); }

/// Calls run(Type<Level>, Type<Index>).
template <class Run>
decltype(auto) with_level_and_index(const FloodGrid& grid, DType dtype, Run run) {
  const auto with_level = [&](auto level) {
    return short_numbers(grid) ? run(level, Type<std::uint32_t>{}) : run(level, Type<std::uint64_t>{});
  };
  if (level_bytes(dtype) == 2) return with_level(Type<std::uint16_t>{});
  if (level_bytes(dtype) == 4) return with_level(Type<std::uint32_t>{});
  return with_level(Type<std::uint64_t>{});
}

}  // namespace

void flood(const FloodVolume& volume) {
  with_level_and_index(*volume.grid, volume.dtype, [&]<class Level, class Index>(Type<Level>, Type<Index>) {
    if (volume.label_bytes == 4)
      Flood<Level, Index, std::uint32_t>(volume).run();
    else
      Flood<Level, Index, std::uint64_t>(volume).run();
  });
}

std::int64_t flood_scratch(const FloodGrid& grid, DType dtype) {
  return with_level_and_index(grid, dtype, [&]<class Level, class Index>(Type<Level>, Type<Index>) {
    return FloodQueue<Level, Index>::bytes(voxels(grid.shape()));
  });
}

}  // namespace vox
