// Weighted sums of neighbours, included by `fir_rows.cpp` for each vector target. No include guard: see
// there.

/// Neighbouring voxels as vectors of doubles.
template <class D, class T, int kParts>
struct DoubleVoxels {
  using Doubles = D;
  static constexpr int kVectors = kParts;
  hn::Vec<D> part[kVectors];

  HWY_INLINE static DoubleVoxels load(const T* from) {
    DoubleVoxels voxels;
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) voxels.part[v] = load_doubles(D(), from + v * hn::MaxLanes(D()));
    return voxels;
  }
  HWY_INLINE void values(hn::Vec<D>* out) const {
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) out[v] = part[v];
  }
  template <bool kOdd>
  HWY_INLINE static void pairs(const DoubleVoxels& after, const DoubleVoxels& before, hn::Vec<D>* out) {
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v)
      out[v] = kOdd ? hn::Sub(after.part[v], before.part[v]) : hn::Add(after.part[v], before.part[v]);
  }
};

/// As loops over long rows take them.
template <class T>
struct ManyVoxels {
  using type = DoubleVoxels<hn::ScalableTag<double>, T, 2>;
};

#if HWY_TARGET != HWY_SCALAR
/// Small integers, and sums of two of them, are exact in 32 bits: half as many vectors until they are
/// weighted.
template <class D, class T>
struct IntegerVoxels {
  using Doubles = D;
  using Wide = hn::Repartition<std::int32_t, D>;
  static constexpr int kVectors = 2;
  hn::Vec<Wide> whole;

  HWY_INLINE static IntegerVoxels load(const T* from) {
    return {hn::PromoteTo(Wide(), hn::LoadU(hn::Rebind<T, Wide>(), from))};
  }
  HWY_INLINE void values(hn::Vec<D>* out) const {
    const hn::Half<Wide> half;
    out[0] = hn::PromoteTo(D(), hn::LowerHalf(half, whole));
    out[1] = hn::PromoteTo(D(), hn::UpperHalf(half, whole));
  }
  template <bool kOdd>
  HWY_INLINE static void pairs(const IntegerVoxels& after, const IntegerVoxels& before, hn::Vec<D>* out) {
    IntegerVoxels{kOdd ? hn::Sub(after.whole, before.whole) : hn::Add(after.whole, before.whole)}.values(out);
  }
};

template <class T>
requires(std::is_integral_v<T> && sizeof(T) <= 2) struct ManyVoxels<T> {
  using type = IntegerVoxels<hn::ScalableTag<double>, T>;
};
#endif

/// One by one.
template <class T>
using OneVoxel = DoubleVoxels<hn::CappedTag<double, 1>, T, 1>;

template <class Voxels>
constexpr std::int64_t kAtOnce =
    Voxels::kVectors* static_cast<std::int64_t>(hn::MaxLanes(typename Voxels::Doubles()));

/// As many sums as `Voxels` has voxels.
template <class Voxels>
struct Sums {
  using D = typename Voxels::Doubles;
  hn::Vec<D> part[Voxels::kVectors];

  HWY_INLINE void store(double* to) const {
#pragma GCC unroll 8
    for (int v = 0; v < Voxels::kVectors; ++v) hn::StoreU(part[v], D(), to + v * hn::MaxLanes(D()));
  }
};

/// Neighbours that are `step` voxels apart.
template <class T>
struct Strided {
  using Voxel = T;
  const T* centre;
  std::int64_t step;

  const T* at(std::int64_t k) const { return centre + k * step; }
};

/// Neighbours in rows of which there is a list, from the centre's on.
template <class T>
struct Listed {
  using Voxel = T;
  const T* const* rows;

  const T* at(std::int64_t k) const { return rows[k]; }
};

/// The pairs of neighbours around number 0 and the next ones, at place `i` of each, from the nearest
/// outwards: what is loaded serves all `kRows` of them, one step nearer or farther each.
template <int kRows, class Voxels, class Near>
class Pairs {
 public:
  HWY_INLINE Pairs(const Near& near, std::int64_t i) : near_(near), i_(i) {
#pragma GCC unroll 8
    for (int row = 0; row < kRows; ++row) after_[row] = before_[row] = Voxels::load(near.at(row) + i);
  }

  HWY_INLINE const Voxels& centre(int row) const { return after_[row]; }

  /// Adds those `distance` away to the sums; to be called for 1, 2, ... in turn.
  template <bool kOdd>
  HWY_INLINE void add(std::int64_t distance, double weight, Sums<Voxels>* sums) {
    const typename Voxels::Doubles d;
#pragma GCC unroll 8
    for (int row = 0; row + 1 < kRows; ++row) after_[row] = after_[row + 1];
#pragma GCC unroll 8
    for (int row = kRows - 1; row > 0; --row) before_[row] = before_[row - 1];
    after_[kRows - 1] = Voxels::load(near_.at(kRows - 1 + distance) + i_);
    before_[0] = Voxels::load(near_.at(-distance) + i_);
    const auto weights = hn::Set(d, weight);
#pragma GCC unroll 8
    for (int row = 0; row < kRows; ++row) {
      Sums<Voxels> pairs;
      Voxels::template pairs<kOdd>(after_[row], before_[row], pairs.part);
#pragma GCC unroll 8
      for (int v = 0; v < Voxels::kVectors; ++v)
        sums[row].part[v] = hn::Add(sums[row].part[v], hn::Mul(weights, pairs.part[v]));
    }
  }

 private:
  const Near& near_;
  std::int64_t i_;
  Voxels after_[kRows];
  Voxels before_[kRows];
};

/// The weighted sums of neighbours.
template <bool kOdd, int kRows, class Voxels, class Near>
HWY_INLINE void weigh(const Near& near, std::int64_t i, const std::vector<double>& weights,
                      Sums<Voxels>* sums) {
  const typename Voxels::Doubles d;
  Pairs<kRows, Voxels, Near> pairs(near, i);
#pragma GCC unroll 8
  for (int row = 0; row < kRows; ++row) {
    if constexpr (kOdd && std::is_integral_v<typename Near::Voxel>) {
#pragma GCC unroll 8
      for (auto& sum : sums[row].part) sum = hn::Zero(d);
    } else {
      // The centre of odd taps weighs nothing, but a NaN there is not lost.
      pairs.centre(row).values(sums[row].part);
#pragma GCC unroll 8
      for (auto& sum : sums[row].part) sum = hn::Mul(hn::Set(d, kOdd ? 0 : weights[0]), sum);
    }
  }
  // After `kRows` steps every voxel is in its first register again: nothing is moved.
  const auto reach = static_cast<std::int64_t>(weights.size()) - 1;
  std::int64_t distance = 1;
  for (; distance + kRows - 1 <= reach; distance += kRows) {
#pragma GCC unroll 8
    for (int k = 0; k < kRows; ++k)
      pairs.template add<kOdd>(distance + k, weights[static_cast<std::size_t>(distance + k)], sums);
  }
  for (; distance <= reach; ++distance)
    pairs.template add<kOdd>(distance, weights[static_cast<std::size_t>(distance)], sums);
}

template <int kRows, class Voxels, class Near>
HWY_INLINE void weigh(const Near& near, std::int64_t i, const Taps& taps, Sums<Voxels>* sums) {
  if (taps.odd)
    weigh<true, kRows>(near, i, taps.weights, sums);
  else
    weigh<false, kRows>(near, i, taps.weights, sums);
}

/// Calls `at(type of voxels, i)` so that all of a row's `n` voxels are seen to; the last ones perhaps twice.
template <class Many, class One, class At>
HWY_INLINE void along_row(std::int64_t n, At at) {
  constexpr std::int64_t kMany = kAtOnce<Many>;
  if (n < kMany) {
    for (std::int64_t i = 0; i < n; ++i) at(Type<One>(), i);
    return;
  }
  for (std::int64_t i = 0; i + kMany <= n; i += kMany) at(Type<Many>(), i);
  if (n % kMany != 0) at(Type<Many>(), n - kMany);
}

constexpr std::int64_t kQuad = FirPlan::kQuad;
using QuadTag = hn::CappedTag<double, kQuad>;
/// Four neighbours.
template <class T>
using Quad = DoubleVoxels<QuadTag, T, static_cast<int>(kQuad / hn::MaxLanes(QuadTag()))>;

/// `kPlanes` rows of `n` sums, from the rows of planes, to rows `out_step` apart.
template <int kPlanes, class T>
void weigh_planes(const Listed<T>& planes, const Taps& taps, std::int64_t n, double* out,
                  std::int64_t out_step) {
  along_row<Quad<T>, OneVoxel<T>>(
      n, [&]<class Voxels>(Type<Voxels>, std::int64_t i) __attribute__((always_inline)) {
        Sums<Voxels> sums[kPlanes];
        weigh<kPlanes>(planes, i, taps, sums);
#pragma GCC unroll 8
        for (int plane = 0; plane < kPlanes; ++plane) sums[plane].store(out + plane * out_step + i);
      });
}

/// The last axis that a term is filtered along, as it is found there.
template <class Near>
struct LastStep {
  Near near;
  const Taps* taps;
  const double* outside = nullptr;  ///< what is added, if anything
};

/// The sums of a term, or their squares.
template <bool kSquare, int kRows, class Voxels, class Near>
HWY_INLINE void weigh_last(const LastStep<Near>& term, std::int64_t i, Sums<Voxels>* sums) {
  using D [[maybe_unused]] = typename Voxels::Doubles;
  weigh<kRows>(term.near, i, *term.taps, sums);
  if constexpr (kRows == kQuad) {  // terms along one axis each have none
    if (term.outside != nullptr) {
#pragma GCC unroll 8
      for (int row = 0; row < kRows; ++row) {
        const double* outside = term.outside + i + row * kQuad;
#pragma GCC unroll 8
        for (int v = 0; v < Voxels::kVectors; ++v)
          sums[row].part[v] = hn::Add(sums[row].part[v], hn::LoadU(D(), outside + v * hn::MaxLanes(D())));
      }
    }
  }
#pragma GCC unroll 8
  for (int row = 0; kSquare && row < kRows; ++row) {
#pragma GCC unroll 8
    for (auto& sum : sums[row].part) sum = hn::Mul(sum, sum);
  }
}

/// The terms merged into one. Every NaN becomes the same one; its bits would depend on the order of operands.
template <bool kMagnitude, int kRows, class Voxels, class Near>
HWY_INLINE void merge_terms(const std::vector<LastStep<Near>>& terms, std::int64_t i, Sums<Voxels>* merged) {
  weigh_last<kMagnitude, kRows>(terms.front(), i, merged);
  for (std::size_t t = 1; t < terms.size(); ++t) {
    Sums<Voxels> sums[kRows];
    weigh_last<kMagnitude, kRows>(terms[t], i, sums);
#pragma GCC unroll 8
    for (int row = 0; row < kRows; ++row) {
#pragma GCC unroll 8
      for (int v = 0; v < Voxels::kVectors; ++v)
        merged[row].part[v] = hn::Add(merged[row].part[v], sums[row].part[v]);
    }
  }
  const auto nan = hn::Set(typename Voxels::Doubles(), std::numeric_limits<double>::quiet_NaN());
#pragma GCC unroll 8
  for (int row = 0; row < kRows; ++row) {
#pragma GCC unroll 8
    for (auto& value : merged[row].part) {
      if (kMagnitude) value = hn::Sqrt(value);
      value = hn::IfThenElse(hn::Eq(value, value), value, nan);
    }
  }
}

/// A row of terms merged that are filtered along one axis each, straight from the voxels.
template <bool kMagnitude, class T>
void merge_voxels(const std::vector<LastStep<Listed<T>>>& terms, std::int64_t n, double* out) {
  along_row<typename ManyVoxels<T>::type, OneVoxel<T>>(
      n, [&]<class Voxels>(Type<Voxels>, std::int64_t i) __attribute__((always_inline)) {
        Sums<Voxels> merged;
        merge_terms<kMagnitude, 1>(terms, i, &merged);
        merged.store(out + i);
      });
}
