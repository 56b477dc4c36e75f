#include "ops/filter/fir_rows.h"

#include <algorithm>
#include <limits>
#include <type_traits>

#include "ops/filter/store_row.h"
#include "ops/scratch.h"
#include "ops/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/filter/fir_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

template <class T>
constexpr bool is_small_integer = std::is_integral_v<T> && sizeof(T) <= 2;

template <class D, class T>
HWY_INLINE hn::Vec<D> load_double(D d, const T* from) {
  if constexpr (std::is_same_v<T, double>) {
    return hn::LoadU(d, from);
  } else if constexpr (std::is_same_v<T, float> || std::is_same_v<T, std::int32_t>) {
    return hn::PromoteTo(d, hn::LoadU(hn::Rebind<T, D>(), from));
  } else {
    HWY_ALIGN double values[hn::MaxLanes(d)];
    for (std::size_t i = 0; i < hn::Lanes(d); ++i) values[i] = static_cast<double>(from[i]);
    return hn::Load(d, values);
  }
}

/// a + b, or a - b. Sums of small integers are exact as integers already.
template <bool kOdd, class D, class T>
HWY_INLINE hn::Vec<D> load_pair(D d, const T* a, const T* b) {
  if constexpr (is_small_integer<T>) {
    const hn::Rebind<std::int32_t, D> wide;
    const auto first = hn::PromoteTo(wide, hn::LoadU(hn::Rebind<T, D>(), a));
    const auto second = hn::PromoteTo(wide, hn::LoadU(hn::Rebind<T, D>(), b));
    return hn::PromoteTo(d, kOdd ? hn::Sub(first, second) : hn::Add(first, second));
  } else {
    const auto first = load_double(d, a);
    const auto second = load_double(d, b);
    return kOdd ? hn::Sub(first, second) : hn::Add(first, second);
  }
}

#if HWY_TARGET != HWY_SCALAR
/// Two neighbouring vectors of weighted pairs of small integers, added to the sums: the integers are widened
/// and added for both at once.
template <bool kOdd, class D, class T>
HWY_INLINE void add_integer_pairs(D d, hn::Vec<D> weight, const T* a, const T* b, hn::Vec<D>* sums) {
  const hn::Repartition<std::int32_t, D> wide;
  const hn::Half<decltype(wide)> half;
  const hn::Rebind<T, decltype(wide)> narrow;
  const auto first = hn::PromoteTo(wide, hn::LoadU(narrow, a));
  const auto second = hn::PromoteTo(wide, hn::LoadU(narrow, b));
  const auto pairs = kOdd ? hn::Sub(first, second) : hn::Add(first, second);
  sums[0] = hn::Add(sums[0], hn::Mul(weight, hn::PromoteTo(d, hn::LowerHalf(half, pairs))));
  sums[1] = hn::Add(sums[1], hn::Mul(weight, hn::PromoteTo(d, hn::UpperHalf(half, pairs))));
}
#endif

template <class D, class T>
HWY_INLINE hn::Vec<D> load_centre(D d, const T* from) {
  if constexpr (is_small_integer<T>)
    return hn::PromoteTo(d,
                         hn::PromoteTo(hn::Rebind<std::int32_t, D>(), hn::LoadU(hn::Rebind<T, D>(), from)));
  else
    return load_double(d, from);
}

/// Rows at distances 0, 1, ... after and before the centre.
template <class T>
struct RowPairs {
  std::vector<const T*> after;
  std::vector<const T*> before;
};

/// Weighted sums for `kVectors` vectors that begin at `i`: several at once, because each waits for its own
/// sum.
template <bool kOdd, int kVectors, class D, class T>
HWY_INLINE void weigh(D d, const RowPairs<T>& rows, const double* weights, std::size_t count, double* out,
                      std::int64_t i) {
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  hn::Vec<D> sums[kVectors];
  // The centre of odd taps weighs nothing, but a NaN there is not lost.
  for (int v = 0; v < kVectors; ++v) {
    if constexpr (kOdd && std::is_integral_v<T>)
      sums[v] = hn::Zero(d);
    else
      sums[v] = hn::Mul(hn::Set(d, kOdd ? 0 : weights[0]), load_centre(d, rows.after[0] + i + v * lanes));
  }
  for (std::size_t k = 1; k < count; ++k) {
    const auto weight = hn::Set(d, weights[k]);
    const T* after = rows.after[k] + i;
    const T* before = rows.before[k] + i;
#if HWY_TARGET != HWY_SCALAR
    if constexpr (is_small_integer<T> && kVectors % 2 == 0) {
      for (int v = 0; v < kVectors; v += 2)
        add_integer_pairs<kOdd>(d, weight, after + v * lanes, before + v * lanes, sums + v);
      continue;
    }
#endif
    for (int v = 0; v < kVectors; ++v)
      sums[v] = hn::Add(sums[v], hn::Mul(weight, load_pair<kOdd>(d, after + v * lanes, before + v * lanes)));
  }
  for (int v = 0; v < kVectors; ++v) hn::StoreU(sums[v], d, out + i + v * lanes);
}

template <bool kOdd, class T>
void weigh_row(const RowPairs<T>& rows, const std::vector<double>& weights, double* out, std::int64_t n) {
  const hn::ScalableTag<double> d;
  const hn::CappedTag<double, 1> one;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const std::size_t count = weights.size();
  std::int64_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) weigh<kOdd, 4>(d, rows, weights.data(), count, out, i);
  if (i > 0 && i < n) {  // the last ones overlap
    weigh<kOdd, 4>(d, rows, weights.data(), count, out, n - 4 * lanes);
    return;
  }
  for (; i + lanes <= n; i += lanes) weigh<kOdd, 1>(d, rows, weights.data(), count, out, i);
  for (; i < n; ++i) weigh<kOdd, 1>(one, rows, weights.data(), count, out, i);
}

template <class T>
void filter_row(const RowPairs<T>& rows, const Taps& taps, double* out, std::int64_t n) {
  if (taps.odd)
    weigh_row<true>(rows, taps.weights, out, n);
  else
    weigh_row<false>(rows, taps.weights, out, n);
}

/// Adds a term to the sum of terms: itself or its square.
template <bool kFirst, bool kSquare>
void merge_term(const double* term, double* sum, std::int64_t n) {
#pragma GCC ivdep
  for (std::int64_t i = 0; i < n; ++i) {
    const double value = kSquare ? term[i] * term[i] : term[i];
    sum[i] = kFirst ? value : sum[i] + value;
  }
}

/// Every NaN becomes the same one; its bits would depend on the order of operands.
template <class D>
void finish(D d, double* at, bool root) {
  auto value = hn::LoadU(d, at);
  if (root) value = hn::Sqrt(value);
  const auto nan = hn::Set(d, std::numeric_limits<double>::quiet_NaN());
  hn::StoreU(hn::IfThenElse(hn::Eq(value, value), value, nan), d, at);
}

void finish_row(double* row, std::int64_t n, bool root) {
  const hn::ScalableTag<double> d;
  const hn::CappedTag<double, 1> one;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t i = 0;
  for (; i + lanes <= n; i += lanes) finish(d, row + i, root);
  for (; i < n; ++i) finish(one, row + i, root);
}

template <class T>
class FirBlock {
 public:
  FirBlock(const ConstBlock& in, const Block& out, const FirPlan& plan, FirMerge merge, std::byte* scratch,
           Tally& tally)
      : in_(in),
        out_(out),
        plan_(plan),
        merge_(merge),
        tally_(tally),
        width_(out.shape().x + 2 * plan.reach.x),
        stride_(scratch_row_bytes(width_, sizeof(double)) / std::int64_t{sizeof(double)}),
        ring_rows_(2 * plan.reach.y + 1),
        ring_(reinterpret_cast<double*>(scratch)),
        rows_(ring_ + static_cast<std::int64_t>(plan.along_z.size()) * ring_rows_ * stride_),
        term_(rows_ + static_cast<std::int64_t>(plan.along_y.size()) * stride_),
        sum_(term_ + stride_) {}

  void run() {
    const Extent3 size = out_.shape();
    for (std::int64_t z = 0; z < size.z; ++z) {
      for (std::int64_t y = -plan_.reach.y; y < plan_.reach.y; ++y) filter_z(z, y);
      for (std::int64_t y = 0; y < size.y; ++y) {
        filter_z(z, y + plan_.reach.y);
        filter_y(y);
        filter_x();
        store(out_.row(z, y));
      }
    }
  }

 private:
  double* ring_row(std::size_t which, std::int64_t y) {
    const std::int64_t slot = (y + plan_.reach.y) % ring_rows_;
    return ring_ + (static_cast<std::int64_t>(which) * ring_rows_ + slot) * stride_;
  }

  template <class V, class RowAt>
  static RowPairs<V>& pairs(RowPairs<V>& rows, const Taps& taps, RowAt row_at) {
    rows.after.clear();
    rows.before.clear();
    for (std::int64_t k = 0; k <= taps.reach(); ++k) {
      rows.after.push_back(row_at(k));
      rows.before.push_back(row_at(-k));
    }
    return rows;
  }

  void filter_z(std::int64_t z, std::int64_t y) {
    for (std::size_t i = 0; i < plan_.along_z.size(); ++i) {
      const Taps& taps = plan_.along_z[i];
      pairs(voxel_rows_, taps,
            [&](std::int64_t k) { return reinterpret_cast<const T*>(in_.row(z + k, y)) - plan_.reach.x; });
      filter_row(voxel_rows_, taps, ring_row(i, y), width_);
    }
  }

  void filter_y(std::int64_t y) {
    for (std::size_t i = 0; i < plan_.along_y.size(); ++i) {
      const FirPlan::AlongY& step = plan_.along_y[i];
      pairs(double_rows_, step.taps,
            [&](std::int64_t k) -> const double* { return ring_row(step.z, y + k); });
      filter_row(double_rows_, step.taps, rows_ + static_cast<std::int64_t>(i) * stride_, width_);
    }
  }

  void filter_x() {
    for (std::size_t i = 0; i < plan_.along_x.size(); ++i) {
      const FirPlan::AlongX& step = plan_.along_x[i];
      const double* row = rows_ + static_cast<std::int64_t>(step.y) * stride_ + plan_.reach.x;
      pairs(double_rows_, step.taps, [&](std::int64_t k) { return row + k; });
      const bool square = merge_ == FirMerge::magnitude;
      const std::int64_t nx = out_.shape().x;
      filter_row(double_rows_, step.taps, i == 0 && !square ? sum_ : term_, nx);
      if (i == 0 && square) merge_term<true, true>(term_, sum_, nx);
      if (i > 0 && square) merge_term<false, true>(term_, sum_, nx);
      if (i > 0 && !square) merge_term<false, false>(term_, sum_, nx);
    }
  }

  void store(std::byte* row) {
    finish_row(sum_, out_.shape().x, merge_ == FirMerge::magnitude);
    store_doubles(sum_, out_.dtype, row, out_.shape().x, tally_);
  }

  ConstBlock in_;
  Block out_;
  const FirPlan& plan_;
  FirMerge merge_;
  Tally& tally_;
  std::int64_t width_;
  std::int64_t stride_;
  std::int64_t ring_rows_;
  double* ring_;  ///< rows filtered along z
  double* rows_;  ///< filtered along y, too
  double* term_;
  double* sum_;
  RowPairs<T> voxel_rows_;
  RowPairs<double> double_rows_;
};

void fir(const ConstBlock& in, const Block& out, const FirPlan& plan, FirMerge merge, std::byte* scratch,
         Tally& tally) {
  visit_dtype(in.dtype, [&](auto type) {
    FirBlock<typename decltype(type)::type>(in, out, plan, merge, scratch, tally).run();
  });
}

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(fir);

/// Where `entry` stands in the list, at whose end it is put if it is new.
template <class Entry, class Same>
std::size_t place_in(std::vector<Entry>& list, const Entry& entry, Same same) {
  for (std::size_t i = 0; i < list.size(); ++i)
    if (same(list[i])) return i;
  list.push_back(entry);
  return list.size() - 1;
}

}  // namespace

FirPlan::FirPlan(const std::vector<FirTerm>& terms) {
  for (const FirTerm& term : terms) {
    const Taps& z = term.taps[0];
    const Taps& y = term.taps[1];
    const Taps& x = term.taps[2];
    const std::size_t at_z = place_in(along_z, z, [&](const Taps& known) { return known == z; });
    const std::size_t at_y = place_in(
        along_y, AlongY{at_z, y}, [&](const AlongY& known) { return known.z == at_z && known.taps == y; });
    along_x.push_back({at_y, x});
    reach = {std::max(reach.z, z.reach()), std::max(reach.y, y.reach()), std::max(reach.x, x.reach())};
  }
}

std::int64_t FirPlan::scratch_bytes(const Extent3& block) const {
  const auto rows = static_cast<std::int64_t>(along_z.size()) * (2 * reach.y + 1) +
                    static_cast<std::int64_t>(along_y.size()) + 2;
  return rows * scratch_row_bytes(block.x + 2 * reach.x, sizeof(double));
}

void fir_rows(const ConstBlock& in, const Block& out, const FirPlan& plan, FirMerge merge, std::byte* scratch,
              Tally& tally) {
  VOX_SIMD_CALL(fir)(in, out, plan, merge, scratch, tally);
}

}  // namespace vox
#endif  // HWY_ONCE
