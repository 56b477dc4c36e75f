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
    for (int v = 0; v < kVectors; ++v) voxels.part[v] = load_vector(from + v * hn::MaxLanes(D()));
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

 private:
  HWY_INLINE static hn::Vec<D> load_vector(const T* from) {
    const D d;
    if constexpr (std::is_same_v<T, double>) {
      return hn::LoadU(d, from);
    } else if constexpr (std::is_same_v<T, float> || std::is_same_v<T, std::int32_t>) {
      return hn::PromoteTo(d, hn::LoadU(hn::Rebind<T, D>(), from));
#if HWY_TARGET != HWY_SCALAR
    } else if constexpr (std::is_integral_v<T> && sizeof(T) <= 2) {
      return hn::PromoteTo(d,
                           hn::PromoteTo(hn::Rebind<std::int32_t, D>(), hn::LoadU(hn::Rebind<T, D>(), from)));
#endif
    } else {
      HWY_ALIGN double values[hn::MaxLanes(d)];
      for (std::size_t i = 0; i < hn::Lanes(d); ++i) values[i] = static_cast<double>(from[i]);
      return hn::Load(d, values);
    }
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

/// The weighted sums around `centre`, whose neighbours are `step` voxels apart, and around the next ones of
/// these neighbours: what is loaded serves all `kRows` sums, one step nearer or farther each.
template <bool kOdd, int kRows, class Voxels, class T>
HWY_INLINE void weigh(const T* centre, std::int64_t step, const std::vector<double>& weights,
                      Sums<Voxels>* sums) {
  const typename Voxels::Doubles d;
  Voxels after[kRows];
  Voxels before[kRows];
#pragma GCC unroll 8
  for (int row = 0; row < kRows; ++row) {
    after[row] = before[row] = Voxels::load(centre + row * step);
    if constexpr (kOdd && std::is_integral_v<T>) {
#pragma GCC unroll 8
      for (auto& sum : sums[row].part) sum = hn::Zero(d);
    } else {
      // The centre of odd taps weighs nothing, but a NaN there is not lost.
      after[row].values(sums[row].part);
#pragma GCC unroll 8
      for (auto& sum : sums[row].part) sum = hn::Mul(hn::Set(d, kOdd ? 0 : weights[0]), sum);
    }
  }
  const T* last = centre + (kRows - 1) * step;
  const T* first = centre;
  for (std::size_t k = 1; k < weights.size(); ++k) {
    last += step;
    first -= step;
#pragma GCC unroll 8
    for (int row = 0; row + 1 < kRows; ++row) after[row] = after[row + 1];
#pragma GCC unroll 8
    for (int row = kRows - 1; row > 0; --row) before[row] = before[row - 1];
    after[kRows - 1] = Voxels::load(last);
    before[0] = Voxels::load(first);
    const auto weight = hn::Set(d, weights[k]);
#pragma GCC unroll 8
    for (int row = 0; row < kRows; ++row) {
      Sums<Voxels> pairs;
      Voxels::template pairs<kOdd>(after[row], before[row], pairs.part);
#pragma GCC unroll 8
      for (int v = 0; v < Voxels::kVectors; ++v)
        sums[row].part[v] = hn::Add(sums[row].part[v], hn::Mul(weight, pairs.part[v]));
    }
  }
}

template <int kRows, class Voxels, class T>
HWY_INLINE void weigh(const T* centre, std::int64_t step, const Taps& taps, Sums<Voxels>* sums) {
  if (taps.odd)
    weigh<true, kRows>(centre, step, taps.weights, sums);
  else
    weigh<false, kRows>(centre, step, taps.weights, sums);
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

/// `kPlanes` rows of `n` sums, from voxels whose planes are `step` apart, to rows `out_step` apart.
template <int kPlanes, class T>
void weigh_planes(const T* centre, std::int64_t step, const Taps& taps, std::int64_t n, double* out,
                  std::int64_t out_step) {
  along_row<Quad<T>, OneVoxel<T>>(
      n, [&]<class Voxels>(Type<Voxels>, std::int64_t i) __attribute__((always_inline)) {
        Sums<Voxels> sums[kPlanes];
        weigh<kPlanes>(centre + i, step, taps, sums);
#pragma GCC unroll 8
        for (int plane = 0; plane < kPlanes; ++plane) sums[plane].store(out + plane * out_step + i);
      });
}

/// The last axis that a term is filtered along, as it is found there.
template <class T>
struct LastStep {
  const T* centre;
  std::int64_t step;
  const Taps* taps;
  const double* outside = nullptr;  ///< what is added, if anything
};

/// The sums of a term, or their squares.
template <bool kSquare, int kRows, class Voxels, class T>
HWY_INLINE void weigh_last(const LastStep<T>& term, std::int64_t i, Sums<Voxels>* sums) {
  using D [[maybe_unused]] = typename Voxels::Doubles;
  weigh<kRows>(term.centre + i, term.step, *term.taps, sums);
  if constexpr (kRows == kQuad) {  // terms along one axis each have none
    if (term.outside != nullptr) {
#pragma GCC unroll 8
      for (int row = 0; row < kRows; ++row) {
        const double* outside = term.outside + i + row * term.step;
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
template <bool kMagnitude, int kRows, class Voxels, class T>
HWY_INLINE void merge_terms(const std::vector<LastStep<T>>& terms, std::int64_t i, Sums<Voxels>* merged) {
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
void merge_voxels(const std::vector<LastStep<T>>& terms, std::int64_t n, double* out) {
  along_row<typename ManyVoxels<T>::type, OneVoxel<T>>(
      n, [&]<class Voxels>(Type<Voxels>, std::int64_t i) __attribute__((always_inline)) {
        Sums<Voxels> merged;
        merge_terms<kMagnitude, 1>(terms, i, &merged);
        merged.store(out + i);
      });
}
