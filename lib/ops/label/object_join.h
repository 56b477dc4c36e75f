// Joins labelled rows to those that came before, in scan order: the objects of a whole volume, while only its
// last plane is remembered.
#pragma once

#include <deque>

#include "ops/label/label_rows.h"

namespace vox {

/// `N` counts the objects of all rows together.
template <class Runs, class N = std::uint64_t>
class ObjectJoin {
 public:
  using Column = typename Runs::Column;

  ObjectJoin(Connectivity connectivity, std::int64_t plane_rows, bool by_value)
      : neighbours_(neighbour_rows(connectivity)), plane_rows_(plane_rows), by_value_(by_value) {
    tail_.row_begin.assign(1, 0);
  }

  /// Takes the rows that follow, labelled with 0 ... count - 1, which become first(), first() + 1, ...
  /// Returns that first number.
  N add(const Runs& rows, std::int64_t count) {
    const auto base = static_cast<N>(forest_.size());
    for (std::int64_t i = 0; i < count; ++i) forest_.add();
    const std::int64_t touching = std::min(rows.rows(), plane_rows_ + 1);
    for (std::int64_t row = 0; row < touching; ++row) join_row(rows, row, base);
    keep_tail(rows, base);
    next_row_ += rows.rows();
    return base;
  }

  Forest<N, std::deque<N>>& forest() { return forest_; }
  const Forest<N, std::deque<N>>& forest() const { return forest_; }

  /// Makes room for the last plane at once: growing would take twice as much.
  void reserve(std::int64_t runs_per_row) {
    const auto runs = static_cast<std::size_t>((plane_rows_ + 1) * runs_per_row);
    tail_.ends.reserve(2 * runs);
    tail_.objects.reserve(runs);
    if (by_value_) tail_.values.reserve(runs);
  }
  /// Bytes that the last plane may take.
  static std::int64_t tail_bytes(std::int64_t plane_rows, std::int64_t runs_per_row, bool by_value) {
    const std::int64_t run = 2 * sizeof(Column) + sizeof(N) + (by_value ? 8 : 0);
    return (plane_rows + 1) * (runs_per_row * run + 8);
  }

 private:
  /// The last rows so far, at most a plane and one more.
  struct Tail {
    std::vector<std::int64_t> row_begin;
    std::vector<Column> ends;
    std::vector<N> objects;
    std::vector<std::uint64_t> values;

    std::int64_t rows() const { return static_cast<std::int64_t>(row_begin.size()) - 1; }
  };

  void join_row(const Runs& rows, std::int64_t row, N base) {
    const std::int64_t y = (next_row_ + row) % plane_rows_;
    for (const NeighbourRow& neighbour : neighbours_) {
      const std::int64_t back = neighbour.planes_before * plane_rows_ - neighbour.dy;
      const std::int64_t in_tail = tail_.rows() + row - back;
      if (row >= back || in_tail < 0 || y + neighbour.dy < 0 || y + neighbour.dy >= plane_rows_) continue;
      const auto place = static_cast<std::size_t>(in_tail);
      join(rows, RowLabeller<Runs>::range_of(rows, row), {tail_.row_begin[place], tail_.row_begin[place + 1]},
           neighbour.reach, base);
    }
  }

  void join(const Runs& rows, const RunRange& row, RunRange before, std::int64_t reach, N base) {
    for (std::int64_t i = row.begin; i < row.end; ++i) {
      const auto run = static_cast<std::size_t>(i);
      for_each_touching<true>(tail_.ends.data(), before, rows.ends[2 * run], rows.ends[2 * run + 1], reach,
                              [&](std::int64_t k) {
                                const auto other = static_cast<std::size_t>(k);
                                if (by_value_ && tail_.values[other] != rows.values[run]) return;
                                forest_.unite(tail_.objects[other], static_cast<N>(base + rows.objects[run]));
                              });
    }
  }

  void keep_tail(const Runs& rows, N base) {
    const std::int64_t wanted = plane_rows_ + 1;
    forget(std::max<std::int64_t>(0, std::min(tail_.rows(), tail_.rows() + rows.rows() - wanted)));
    const std::int64_t first = std::max<std::int64_t>(0, rows.rows() - wanted);
    const auto begin = static_cast<std::ptrdiff_t>(rows.row_begin[static_cast<std::size_t>(first)]);
    const std::int64_t shift = static_cast<std::int64_t>(tail_.objects.size()) - begin;
    tail_.ends.insert(tail_.ends.end(), rows.ends.begin() + 2 * begin, rows.ends.end());
    for (auto object = rows.objects.begin() + begin; object != rows.objects.end(); ++object)
      tail_.objects.push_back(static_cast<N>(base + *object));
    if (by_value_) tail_.values.insert(tail_.values.end(), rows.values.begin() + begin, rows.values.end());
    for (std::int64_t row = first; row < rows.rows(); ++row)
      tail_.row_begin.push_back(shift +
                                static_cast<std::int64_t>(rows.row_begin[static_cast<std::size_t>(row) + 1]));
  }

  void forget(std::int64_t rows) {
    const std::int64_t runs = tail_.row_begin[static_cast<std::size_t>(rows)];
    tail_.row_begin.erase(tail_.row_begin.begin(), tail_.row_begin.begin() + rows);
    for (std::int64_t& begin : tail_.row_begin) begin -= runs;
    tail_.ends.erase(tail_.ends.begin(), tail_.ends.begin() + 2 * runs);
    tail_.objects.erase(tail_.objects.begin(), tail_.objects.begin() + runs);
    if (by_value_) tail_.values.erase(tail_.values.begin(), tail_.values.begin() + runs);
  }

  std::span<const NeighbourRow> neighbours_;
  std::int64_t plane_rows_;
  bool by_value_;
  std::int64_t next_row_ = 0;
  Tail tail_;
  Forest<N, std::deque<N>> forest_;
};

}  // namespace vox
