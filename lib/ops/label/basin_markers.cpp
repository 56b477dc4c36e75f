#include "ops/label/basin_markers.h"

#include <algorithm>
#include <limits>
#include <memory>

#include "core/cancel.h"
#include "core/error.h"
#include "ops/label/chunk_queue.h"
#include "ops/label/slow_growing.h"

namespace vox {
namespace {

/// Stands in the labels of voxels that are known to be in no regional minimum.
constexpr std::uint32_t kNoMinimum = std::numeric_limits<std::uint32_t>::max();

template <class T, class Index>
class Basins {
 public:
  using Levels = FloodLevels<T>;
  using Level = typename Levels::Level;

  Basins(const FloodVolume& volume, double depth)
      : grid_(*volume.grid),
        depth_(depth),
        cells_(reinterpret_cast<FloodCell<Level, std::uint32_t>*>(volume.cells)),
        free_(volume.free),
        filled_(std::make_unique_for_overwrite<Level[]>(static_cast<std::size_t>(grid_.size()))) {
    for (const std::int64_t step : grid_.neighbours()) (step < 0 ? before_ : after_).push_back(step);
  }

  std::int64_t run() {
    raise();
    erode();
    return label();
  }

 private:
  static constexpr Level kWall = std::numeric_limits<Level>::max();

  /// Voxels that wait once.
  class Waiting {
   public:
    explicit Waiting(std::int64_t words) : waits_(static_cast<std::size_t>(words)) {}

    bool empty() const { return queue_.empty(); }
    void push(std::int64_t at) {
      std::uint64_t& word = waits_[static_cast<std::size_t>(at / 64)];
      const std::uint64_t bit = std::uint64_t{1} << (at % 64);
      if ((word & bit) == 0) queue_.push(static_cast<Index>(at), pool_);
      word |= bit;
    }
    std::int64_t pop() {
      const auto at = static_cast<std::int64_t>(queue_.pop(pool_));
      waits_[static_cast<std::size_t>(at / 64)] &= ~(std::uint64_t{1} << (at % 64));
      return at;
    }

   private:
    ChunkPool pool_;
    ChunkQueue<Index> queue_;
    std::vector<std::uint64_t> waits_;
  };

  bool is_free(std::int64_t at) const { return (free_[at / 64] >> (at % 64) & 1) != 0; }

  template <class Visit>
  void for_each_row(Visit visit) const {
    const Extent3 n = grid_.shape();
    for (std::int64_t z = 0; z < n.z; ++z) {
      check_cancelled();
      for (std::int64_t y = 0; y < n.y; ++y) visit(grid_.row(z, y), grid_.row(z, y) + n.x);
    }
  }

  void raise() {
    std::fill(filled_.get(), filled_.get() + grid_.size(), kWall);
    for_each_row([&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t at = begin; at < end; ++at)
        if (is_free(at)) filled_[at] = Levels::raised(cells_[at].level, depth_);
    });
  }

  /// What a voxel sinks to when this neighbour is considered; walls stay.
  Level sunk(std::int64_t at, Level neighbour) const {
    return std::max(cells_[at].level, std::min(filled_[at], neighbour));
  }

  void erode() {
    for_each_row([&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t at = begin; at < end; ++at) {
        if (!is_free(at)) continue;
        Level least = filled_[at];
        for (const std::int64_t step : before_) least = std::min(least, filled_[at + step]);
        filled_[at] = sunk(at, least);
      }
    });
    Waiting waiting(grid_.bit_words());
    const Extent3 n = grid_.shape();
    for (std::int64_t z = n.z - 1; z >= 0; --z) {
      check_cancelled();
      for (std::int64_t y = n.y - 1; y >= 0; --y)
        for (std::int64_t at = grid_.row(z, y) + n.x - 1; at >= grid_.row(z, y); --at)
          erode_back(at, waiting);
    }
    for (std::int64_t turn = 0; !waiting.empty(); ++turn) {
      if (turn % (1 << 16) == 0) check_cancelled();
      const std::int64_t at = waiting.pop();
      for (const std::int64_t step : grid_.neighbours()) {
        const std::int64_t there = at + step;
        if (filled_[there] <= filled_[at] || !is_free(there) || filled_[there] == cells_[there].level)
          continue;
        filled_[there] = std::max(filled_[at], cells_[there].level);
        waiting.push(there);
      }
    }
  }

  /// The scan back; a voxel from which something behind it can still sink waits for the last step.
  void erode_back(std::int64_t at, Waiting& waiting) {
    if (!is_free(at)) return;
    Level least = filled_[at];
    for (const std::int64_t step : after_) least = std::min(least, filled_[at + step]);
    filled_[at] = sunk(at, least);
    for (const std::int64_t step : after_) {
      const std::int64_t there = at + step;
      if (filled_[there] > filled_[at] && is_free(there) && filled_[there] > cells_[there].level)
        return waiting.push(at);
    }
  }

  bool has_lower_neighbour(std::int64_t at) const {
    return std::any_of(grid_.neighbours().begin(), grid_.neighbours().end(),
                       [&](std::int64_t step) { return filled_[at + step] < filled_[at]; });
  }

  std::int64_t label() {
    std::uint32_t count = 0;
    for_each_row([&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t at = begin; at < end; ++at) {
        if (!is_free(at) || cells_[at].label != 0 || has_lower_neighbour(at)) continue;
        if (count + 1 == kNoMinimum) fail("--depth: more basins than can be numbered; choose a larger one");
        if (label_plateau(at, count + 1)) ++count;
      }
    });
    for_each_row([&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t at = begin; at < end; ++at) {
        if (cells_[at].label == kNoMinimum) cells_[at].label = 0;
        if (cells_[at].label != 0) free_[at / 64] &= ~(std::uint64_t{1} << (at % 64));
      }
    });
    return count;
  }

  /// False when the plateau has a lower neighbour somewhere.
  bool label_plateau(std::int64_t first, std::uint32_t number) {
    plateau_.clear();
    const auto reach = [&](std::int64_t at) {
      cells_[at].label = number;
      plateau_.push_back(static_cast<Index>(at));
    };
    reach(first);
    bool lowest = true;
    for (std::int64_t i = 0; i < plateau_.size(); ++i) {
      const auto at = static_cast<std::int64_t>(plateau_[i]);
      for (const std::int64_t step : grid_.neighbours()) {
        const std::int64_t there = at + step;
        if (filled_[there] < filled_[at]) lowest = false;
        if (filled_[there] == filled_[at] && cells_[there].label == 0 && is_free(there)) reach(there);
      }
    }
    if (!lowest)
      for (std::int64_t i = 0; i < plateau_.size(); ++i) cells_[plateau_[i]].label = kNoMinimum;
    return lowest;
  }

  const FloodGrid& grid_;
  double depth_;
  FloodCell<Level, std::uint32_t>* cells_;
  std::uint64_t* free_;
  std::unique_ptr<Level[]> filled_;
  std::vector<std::int64_t> before_;
  std::vector<std::int64_t> after_;
  SlowGrowing<Index> plateau_;
};

bool short_numbers(const FloodGrid& grid) { return grid.size() <= std::numeric_limits<std::uint32_t>::max(); }

}  // namespace

std::int64_t mark_basins(const FloodVolume& volume, double depth) {
  return visit_dtype(volume.dtype, [&]<class T>(Type<T>) {
    return short_numbers(*volume.grid) ? Basins<T, std::uint32_t>(volume, depth).run()
                                       : Basins<T, std::uint64_t>(volume, depth).run();
  });
}

std::int64_t mark_basins_scratch(const FloodGrid& grid, DType dtype) {
  const std::int64_t all = voxels(grid.shape());
  const auto lists = [&]<class Index>(Type<Index>) {
    return std::max(ChunkQueue<Index>::bytes(all, 1) + grid.bit_words() * 8, SlowGrowing<Index>::bytes(all));
  };
  return grid.size() * level_bytes(dtype) +
         (short_numbers(grid) ? lists(Type<std::uint32_t>{}) : lists(Type<std::uint64_t>{}));
}

}  // namespace vox
