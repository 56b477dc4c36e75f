#include "ops/filter/median125_rows.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <type_traits>
#include <utility>

#include "ops/filter/merge_network.h"
#include "ops/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/filter/median125_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

#include "ops/filter/order_key-inl.h"
#include "ops/filter/run_network-inl.h"

// What two neighbours share is merged once. Along z the five voxels of every row are sorted. Along y the rows
// y - 1 to y + 2 are merged to 20 values, which with row y - 2 give the sorted column of row y and with row y
// + 3 that of row y + 1. Along x the columns x - 1 to x + 2 are merged, of whose 100 values only those number
// 37 to 62 can still be the median, for voxel x (with column x - 2) and for voxel x + 1 (with column x + 3).
// To have such pairs side by side in vectors, rows are kept as their voxels of even place, then those of odd
// place.

constexpr std::size_t kDepth = 5;    // values of a sorted row
constexpr std::size_t kColumn = 25;  // values of a sorted column

constexpr Network kSortDepth = sort_network(kDepth);
constexpr Network kTwoRows = merge_two(kDepth, kDepth);
constexpr Network kFourRows = merge_two(2 * kDepth, 2 * kDepth);
constexpr Network kFiveRows = merge_two(4 * kDepth, kDepth);
constexpr Network kTwoColumns = merge_two(kColumn, kColumn);
constexpr std::size_t kFirstRank = 37;
constexpr std::size_t kLastRank = 62;
constexpr Network kFourColumns = keep_ranks(merge_two(2 * kColumn, 2 * kColumn), kFirstRank, kLastRank);

constexpr std::make_index_sequence<4 * kDepth> kFour = {};
constexpr std::make_index_sequence<kColumn> kPlaces = {};
constexpr std::int64_t kRowRing = 8;  // rows sorted along z that are kept, a power of two above 6

/// Number 62 of the 100 values that `wires` holds and the 25 of `column`: the smallest over all i of
/// max(number i of the former, number 61 - i of the latter), and number 62 of the former.
template <class D, class Key, std::size_t... places>
HWY_INLINE hn::Vec<D> middle_of(D d, const hn::Vec<D>* wires, const Key* column, std::int64_t stride,
                                std::index_sequence<places...>) {
  hn::Vec<D> best = wires[kFourColumns.sorted.items[kLastRank]];
  ((best = hn::Min(best, hn::Max(wires[kFourColumns.sorted.items[kLastRank - 1 - places]],
                                 hn::LoadU(d, column + static_cast<std::int64_t>(places) * stride)))),
   ...);
  return best;
}

template <class T>
class Median125 {
  using Keys = OrderKey<T, true>;
  using Key = typename Keys::Key;
  using Tag = hn::ScalableTag<Key>;
  using Vector = hn::Vec<Tag>;

  static constexpr std::int64_t kLine = kMedian125Line / std::int64_t{sizeof(Key)};

 public:
  Median125(const ConstBlock& in, const Block& out, std::byte* scratch)
      : in_(in), out_(out), rows_(reinterpret_cast<Key*>(scratch)) {}

  void run() {
    const Extent3 size = out_.shape();
    const std::int64_t pairs = (size.x + 1) / 2;
    const std::int64_t most = kLine - static_cast<std::int64_t>(hn::Lanes(Tag())) - 3;
    const std::int64_t tiles = (pairs + most - 1) / most;
    const std::int64_t tile = (pairs + tiles - 1) / tiles;
    for (first_ = 0; first_ < size.x; first_ += 2 * tile) {
      width_ = std::min(2 * tile, size.x - first_);
      for (std::int64_t z = 0; z < size.z; ++z) run_plane(z);
    }
  }

 private:
  // A line holds the even places or the odd ones; a group of lines holds the even places of all its values
  // first.
  Key* row(std::int64_t y) { return rows_ + (y + 2) % kRowRing * 2 * kDepthLines; }
  Key* two_rows(std::int64_t number) { return rows_ + (kRowRing + 2 * number) * 2 * kDepthLines; }
  Key* column(std::int64_t number) {
    return rows_ + (kRowRing + 4) * 2 * kDepthLines + number * 2 * kColumnLines;
  }
  Key* two_columns() { return column(2); }
  Key* result() { return column(3); }

  void run_plane(std::int64_t z) {
    const std::int64_t ny = out_.shape().y;
    for (std::int64_t y = -2; y < 2; ++y) sort_depth(z, y);
    merge_rows(-1, 0);
    for (std::int64_t y = 0; y < ny; y += 2) {
      const bool both = y + 1 < ny;
      sort_depth(z, y + 2);
      if (both) sort_depth(z, y + 3);
      merge_rows(y + 1, (y / 2 + 1) % 2);
      merge_columns(y, both);
      for (std::int64_t i = 0; i < (both ? 2 : 1); ++i) {
        merge_two_columns(column(i));
        medians(column(i), reinterpret_cast<T*>(out_.row(z, y + i)) + first_);
      }
    }
  }

  /// How many vectors it takes to fill `count` places of a line.
  template <class Step>
  void for_vectors(std::int64_t count, Step&& step) {
    for (std::int64_t i = 0; i < count; i += static_cast<std::int64_t>(hn::Lanes(Tag()))) step(i);
  }

  void sort_depth(std::int64_t z, std::int64_t y) {
    Key* lines = row(y);
    for (std::int64_t dz = -2; dz <= 2; ++dz) {
      const T* voxels = reinterpret_cast<const T*>(in_.row(z + dz, y)) + first_ - 2;
      Key* even = lines + (dz + 2) * kLine;
      Key* odd = even + kDepthLines;
      const std::int64_t count = width_ + 4;
      const std::int64_t pairs = count / 2;
#pragma GCC ivdep
      for (std::int64_t i = 0; i < pairs; ++i) {
        even[i] = Keys::load(voxels[2 * i]);
        odd[i] = Keys::load(voxels[2 * i + 1]);
      }
      if (count % 2 != 0) even[pairs] = Keys::load(voxels[count - 1]);
    }
    for (Key* half : {lines, lines + kDepthLines})
      for_vectors(halves(), [&](std::int64_t i) {
        Vector wires[kDepth];
        load_wires<kDepth>(d_, half + i, kLine, wires);
        run_network<kSortDepth>(wires);
        store_sorted<kSortDepth>(d_, wires, half + i, kLine);
      });
  }

  void merge_rows(std::int64_t y, std::int64_t number) {
    for (const std::int64_t odd : {0, 1})
      for_vectors(halves(), [&](std::int64_t i) {
        Vector wires[2 * kDepth];
        load_wires<kDepth>(d_, row(y) + odd * kDepthLines + i, kLine, wires);
        load_wires<kDepth>(d_, row(y + 1) + odd * kDepthLines + i, kLine, wires + kDepth);
        run_network<kTwoRows>(wires);
        store_sorted<kTwoRows>(d_, wires, two_rows(number) + odd * 2 * kDepthLines + i, kLine);
      });
  }

  void merge_columns(std::int64_t y, bool both) {
    for (const std::int64_t odd : {0, 1})
      for_vectors(halves(), [&](std::int64_t i) {
        Vector four[4 * kDepth];
        load_wires<2 * kDepth>(d_, two_rows(0) + odd * 2 * kDepthLines + i, kLine, four);
        load_wires<2 * kDepth>(d_, two_rows(1) + odd * 2 * kDepthLines + i, kLine, four + 2 * kDepth);
        run_network<kFourRows>(four);
        finish_column(four, row(y - 2) + odd * kDepthLines + i, column(0) + odd * kColumnLines + i, kFour);
        if (both)
          finish_column(four, row(y + 3) + odd * kDepthLines + i, column(1) + odd * kColumnLines + i, kFour);
      });
  }

  template <std::size_t... places>
  HWY_INLINE void finish_column(const Vector* four, const Key* fifth, Key* lines,
                                std::index_sequence<places...>) {
    Vector wires[kColumn] = {four[kFourRows.sorted.items[places]]...};
    load_wires<kDepth>(d_, fifth, kLine, wires + 4 * kDepth);
    run_network<kFiveRows>(wires);
    store_sorted<kFiveRows>(d_, wires, lines, kLine);
  }

  void merge_two_columns(const Key* columns) {
    for_vectors(halves() - 1, [&](std::int64_t i) {
      Vector wires[2 * kColumn];
      load_wires<kColumn>(d_, columns + kColumnLines + i, kLine, wires);
      load_wires<kColumn>(d_, columns + i + 1, kLine, wires + kColumn);
      run_network<kTwoColumns>(wires);
      store_sorted<kTwoColumns>(d_, wires, two_columns() + i, kLine);
    });
  }

  void medians(const Key* columns, T* out) {
    const Key* odd_columns = columns + kColumnLines;
    for_vectors(halves() - 2, [&](std::int64_t i) {
      Vector wires[4 * kColumn];
      load_wires<2 * kColumn>(d_, two_columns() + i, kLine, wires);
      load_wires<2 * kColumn>(d_, two_columns() + i + 1, kLine, wires + 2 * kColumn);
      run_network<kFourColumns>(wires);
      store_median(middle_of(d_, wires, columns + i, kLine, kPlaces), columns, {i, i + 1, i + 2}, {i, i + 1},
                   result() + i);
      store_median(middle_of(d_, wires, odd_columns + i + 2, kLine, kPlaces), columns, {i + 1, i + 2},
                   {i, i + 1, i + 2}, result() + kLine + i);
    });
    const Key* medians = result();
    const std::int64_t pairs = width_ / 2;
#pragma GCC ivdep
    for (std::int64_t i = 0; i < pairs; ++i) {
      out[2 * i] = Keys::store(medians[i]);
      out[2 * i + 1] = Keys::store(medians[kLine + i]);
    }
    if (width_ % 2 != 0) out[width_ - 1] = Keys::store(medians[width_ / 2]);
  }

  /// A NaN is the largest value of its column: one that is found there is the result.
  void store_median(Vector median, const Key* columns, std::initializer_list<std::int64_t> even,
                    std::initializer_list<std::int64_t> odd, Key* place) {
    if constexpr (is_float_type<T>) {
      const Key* largest = columns + (kColumn - 1) * kLine;
      Vector top = median;
      for (const std::int64_t i : even) top = hn::Max(top, hn::LoadU(d_, largest + i));
      for (const std::int64_t i : odd) top = hn::Max(top, hn::LoadU(d_, largest + kColumnLines + i));
      median = hn::IfThenElse(hn::Eq(top, hn::Set(d_, Keys::kNanKey)), top, median);
    }
    hn::StoreU(median, d_, place);
  }

  std::int64_t halves() const { return (width_ + 5) / 2; }

  static constexpr std::int64_t kDepthLines = kDepth * kLine;
  static constexpr std::int64_t kColumnLines = kColumn * kLine;
  static_assert((kRowRing + 4) * 2 * kDepth + 6 * kColumn + 2 == kMedian125Lines);

  ConstBlock in_;
  Block out_;
  Key* rows_;
  Tag d_;
  std::int64_t first_ = 0;  ///< of the tile along x
  std::int64_t width_ = 0;
};

void median125(const ConstBlock& in, const Block& out, std::byte* scratch) {
  visit_dtype(in.dtype, [&](auto type) { Median125<typename decltype(type)::type>(in, out, scratch).run(); });
}

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(median125);

}  // namespace

void median125_rows(const ConstBlock& in, const Block& out, std::byte* scratch) {
  VOX_SIMD_CALL(median125)(in, out, scratch);
}

}  // namespace vox
#endif  // HWY_ONCE
