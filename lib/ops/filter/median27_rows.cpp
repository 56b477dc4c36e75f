#include "ops/filter/median27_rows.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <type_traits>
#include <utility>

#include "ops/filter/merge_network.h"
#include "ops/scratch.h"
#include "ops/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/filter/median27_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

#include "ops/filter/order_key-inl.h"
#include "ops/filter/run_network-inl.h"

// Three neighbours along z are sorted for every row, three such triples along y are merged to a sorted column
// of nine, and three columns along x give the median: the two first are merged to 18, of which only ten can
// still be it, and number 14 of 18 and 9 sorted values is the smallest of max(number i of the 18, number 14 -
// i of the 9).

constexpr Network kColumn = merge_three_triples();
constexpr Network kTwoColumns = keep_ranks(merge_two(9, 9), 4, 13);

template <std::size_t kRank = 5, class V>
HWY_INLINE V smallest_of_pairs(const V* two, const V* third, V best) {
  if constexpr (kRank < 14) {
    const V pair = hn::Max(two[kTwoColumns.sorted.items[kRank - 1]], third[13 - kRank]);
    return smallest_of_pairs<kRank + 1>(two, third, hn::Min(best, pair));
  } else {
    return best;
  }
}

/// From triples to a sorted column: rows[3 k + i] is number i of the triple of row k.
template <class D, class Key>
void sort_column(D d, const std::array<const Key*, 9>& rows, Key* column, std::int64_t stride,
                 std::int64_t x) {
  hn::Vec<D> wires[9];
  for (std::size_t i = 0; i < 9; ++i) wires[i] = hn::LoadU(d, rows[i] + x);
  run_network<kColumn>(wires);
  for (std::size_t i = 0; i < 9; ++i)
    hn::StoreU(wires[kColumn.sorted.items[i]], d, column + static_cast<std::int64_t>(i) * stride + x);
}

template <class D, class Key>
void median_of_columns(D d, const Key* column, std::int64_t stride, Key* out, std::int64_t x, Key nan) {
  hn::Vec<D> two[18];
  hn::Vec<D> third[9];
  for (std::size_t i = 0; i < 9; ++i) {
    const Key* row = column + static_cast<std::int64_t>(i) * stride + x;
    two[i] = hn::LoadU(d, row);
    two[i + 9] = hn::LoadU(d, row + 1);
    third[i] = hn::LoadU(d, row + 2);
  }
  const auto largest = hn::Max(hn::Max(two[8], two[17]), third[8]);
  run_network<kTwoColumns>(two);
  auto median = smallest_of_pairs(two, third, two[kTwoColumns.sorted.items[13]]);
  if (nan != 0) median = hn::IfThenElse(hn::Eq(largest, hn::Set(d, nan)), largest, median);
  hn::StoreU(median, d, out + x);
}

template <class T>
class Median27 {
  using Keys = OrderKey<T, true>;
  using Key = typename Keys::Key;

 public:
  Median27(const ConstBlock& in, const Block& out, std::byte* scratch)
      : in_(in),
        out_(out),
        nx_(out.shape().x),
        stride_(scratch_row_bytes(nx_ + 2, sizeof(Key)) / std::int64_t{sizeof(Key)}),
        triples_(reinterpret_cast<Key*>(scratch)),
        column_(triples_ + 9 * stride_),
        row_(column_ + 9 * stride_) {}

  void run() {
    const Extent3 size = out_.shape();
    for (std::int64_t z = 0; z < size.z; ++z) {
      sort_triples(z, -1);
      sort_triples(z, 0);
      for (std::int64_t y = 0; y < size.y; ++y) {
        sort_triples(z, y + 1);
        sort_columns(y);
        medians(reinterpret_cast<T*>(out_.row(z, y)));
      }
    }
  }

 private:
  Key* triple(std::int64_t y, std::int64_t number) { return triples_ + ((y + 1) % 3 * 3 + number) * stride_; }

  void sort_triples(std::int64_t z, std::int64_t y) {
    const auto* a = reinterpret_cast<const T*>(in_.row(z - 1, y)) - 1;
    const auto* b = reinterpret_cast<const T*>(in_.row(z, y)) - 1;
    const auto* c = reinterpret_cast<const T*>(in_.row(z + 1, y)) - 1;
    Key* low = triple(y, 0);
    Key* middle = triple(y, 1);
    Key* high = triple(y, 2);
#pragma GCC ivdep
    for (std::int64_t x = 0; x < nx_ + 2; ++x) {
      const Key p = Keys::load(a[x]);
      const Key q = Keys::load(b[x]);
      const Key r = Keys::load(c[x]);
      const Key less = p < q ? p : q;
      const Key more = p < q ? q : p;
      const Key rest = more < r ? more : r;
      low[x] = less < rest ? less : rest;
      middle[x] = less < rest ? rest : less;
      high[x] = more < r ? r : more;
    }
  }

  void sort_columns(std::int64_t y) {
    std::array<const Key*, 9> rows{};
    for (std::size_t i = 0; i < 9; ++i)
      rows[i] = triple(y - 1 + static_cast<std::int64_t>(i / 3), static_cast<std::int64_t>(i % 3));
    const hn::ScalableTag<Key> d;
    const hn::CappedTag<Key, 1> one;
    const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
    std::int64_t x = 0;
    for (; x + lanes <= nx_ + 2; x += lanes) sort_column(d, rows, column_, stride_, x);
    for (; x < nx_ + 2; ++x) sort_column(one, rows, column_, stride_, x);
  }

  void medians(T* out) {
    const hn::ScalableTag<Key> d;
    const hn::CappedTag<Key, 1> one;
    const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
    Key nan = 0;
    if constexpr (is_float_type<T>) nan = Keys::kNanKey;
    std::int64_t x = 0;
    for (; x + lanes <= nx_; x += lanes) median_of_columns(d, column_, stride_, row_, x, nan);
    for (; x < nx_; ++x) median_of_columns(one, column_, stride_, row_, x, nan);
    for (x = 0; x < nx_; ++x) out[x] = Keys::store(row_[x]);
  }

  ConstBlock in_;
  Block out_;
  std::int64_t nx_;
  std::int64_t stride_;
  Key* triples_;  ///< of three rows
  Key* column_;   ///< nine rows
  Key* row_;
};

void median27(const ConstBlock& in, const Block& out, std::byte* scratch) {
  visit_dtype(in.dtype, [&](auto type) { Median27<typename decltype(type)::type>(in, out, scratch).run(); });
}

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(median27);

}  // namespace

void median27_rows(const ConstBlock& in, const Block& out, std::byte* scratch) {
  VOX_SIMD_CALL(median27)(in, out, scratch);
}

std::int64_t median27_scratch(const Extent3& block, DType dtype) {
  return 19 * scratch_row_bytes(block.x + 2, size_of(dtype));
}

}  // namespace vox
#endif  // HWY_ONCE
