// Gives the runs of consecutive rows their objects, as far as these rows alone tell.
#pragma once

#include <algorithm>
#include <array>

#include "ops/label/connectivity.h"
#include "ops/label/forest.h"
#include "ops/label/runs.h"

namespace vox {

/// A range of runs: those of one row.
struct RunRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

/// Calls `touch(k)` for the runs k of `others` that have a neighbour in [begin, end): those that overlap it
/// when widened by `reach`. Asked for runs of one row in order, it moves `others.begin` along. `kAdjacent`:
/// runs may follow each other without a gap.
template <bool kAdjacent, class C, class Touch>
void for_each_touching(const C* ends, RunRange& others, std::int64_t begin, std::int64_t end,
                       std::int64_t reach, Touch&& touch) {
  std::int64_t k = others.begin;
  while (k < others.end && static_cast<std::int64_t>(ends[2 * k + 1]) + reach <= begin) ++k;
  others.begin = k;
  for (; k < others.end && static_cast<std::int64_t>(ends[2 * k]) < end + reach; ++k) touch(k);
  // The last one may reach the next run too; without gaps the one before it as well.
  others.begin = std::max(others.begin, k - (kAdjacent ? 2 : 1));
}

/// Labels the rows that `Runs` holds: rows `first_row`, first_row + 1, ... of a volume in scan order whose
/// planes have `plane_rows` rows. One per thread.
template <class Runs>
class RowLabeller {
 public:
  using Count = typename Runs::Count;

  RowLabeller(Connectivity connectivity, std::int64_t plane_rows, bool by_value)
      : neighbours_(neighbour_rows(connectivity)), plane_rows_(plane_rows), by_value_(by_value) {}

  void reserve(std::int64_t runs) { forest_.reserve(runs); }

  /// Fills `runs.objects` with 0, 1, ... by first voxel in scan order; returns how many there are.
  std::int64_t label(std::int64_t first_row, Runs& runs) {
    forest_.clear();
    runs.objects.resize(static_cast<std::size_t>(runs.runs()));
    for (std::int64_t row = 0; row < runs.rows(); ++row) {
      find_neighbours(first_row + row, row, runs);
      if (by_value_)
        label_row<true>(range_of(runs, row), runs);
      else
        label_row<false>(range_of(runs, row), runs);
    }
    const std::int64_t count = forest_.number_roots();
    for (Count& object : runs.objects) object = forest_.place(object);
    return count;
  }

  static RunRange range_of(const Runs& runs, std::int64_t row) {
    return {static_cast<std::int64_t>(runs.row_begin[static_cast<std::size_t>(row)]),
            static_cast<std::int64_t>(runs.row_begin[static_cast<std::size_t>(row) + 1])};
  }

 private:
  struct Neighbour {
    RunRange runs;
    std::int64_t reach;
  };

  void find_neighbours(std::int64_t row_in_volume, std::int64_t row, const Runs& runs) {
    count_ = 0;
    const std::int64_t y = row_in_volume % plane_rows_;
    for (const NeighbourRow& neighbour : neighbours_) {
      const std::int64_t other = row - neighbour.planes_before * plane_rows_ + neighbour.dy;
      if (other < 0 || y + neighbour.dy < 0 || y + neighbour.dy >= plane_rows_) continue;
      const RunRange range = range_of(runs, other);
      if (range.begin < range.end) near_[count_++] = {range, neighbour.reach};
    }
  }

  template <bool kByValue>
  void label_row(const RunRange& row, Runs& runs) {
    const auto* ends = runs.ends.data();
    Count* objects = runs.objects.data();
    for (std::int64_t i = row.begin; i < row.end; ++i) {
      const std::int64_t begin = ends[2 * i];
      const std::int64_t end = ends[2 * i + 1];
      bool found = false;
      Count object = 0;
      for (std::size_t n = 0; n < count_; ++n) {
        for_each_touching<kByValue>(ends, near_[n].runs, begin, end, near_[n].reach, [&](std::int64_t k) {
          if constexpr (kByValue)
            if (runs.values[static_cast<std::size_t>(k)] != runs.values[static_cast<std::size_t>(i)]) return;
          const Count other = forest_.root(objects[k]);
          if (!found)
            object = other;
          else if (other != object)
            object = forest_.unite_roots(object, other);
          found = true;
        });
      }
      objects[i] = found ? object : forest_.add();
    }
  }

  std::span<const NeighbourRow> neighbours_;
  std::int64_t plane_rows_;
  bool by_value_;
  Forest<Count> forest_;
  std::array<Neighbour, 4> near_{};
  std::size_t count_ = 0;
};

}  // namespace vox
