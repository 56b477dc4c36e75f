// Pairs of voxels of the bilateral filter, included by its loops for each vector target, behind
// `bilateral_weights-inl.h`. No include guard: see there.

/// Rows stand in memory as strips, one for each lane of a vector, so that neighbours along x are neighbouring
/// vectors. A position of the strips: values, what is added to sums, and weights behind them.
template <class F>
struct Strips {
  using D = hn::ScalableTag<F>;
  static constexpr std::int64_t kLanes = hn::MaxLanes(D());
  static constexpr std::int64_t kPosition = 3 * kLanes;
  static constexpr std::int64_t kSums = kLanes;
  static constexpr std::int64_t kWeights = 2 * kLanes;
};

/// A row of strips beside another.
template <class F>
struct Beside {
  const F* row;
  const F* tops;       ///< what the squared differences are subtracted from
  std::int64_t first;  ///< how far to the right the pairs begin
};

/// Positions of strips with others at the same distances. Each weight serves both voxels of its pair.
template <class F>
class Pairs : Strips<F> {
  using D = typename Strips<F>::D;
  using Strips<F>::kPosition;
  using Strips<F>::kSums;
  using Strips<F>::kWeights;
  static constexpr std::int64_t kAhead = 2;

  struct Centre {
    hn::Vec<D> values;
    hn::Vec<D> sums;
    hn::Vec<D> weights;
  };
  struct Neighbour {
    std::int64_t from_centre;
    F top;
  };
  /// What is known of a pair before its weight.
  struct Pair {
    hn::Vec<D> difference;
    hn::Vec<D> exponent;
    F* other;
  };

 public:
  /// What a voxel weighs itself.
  hn::Vec<D> own_weight(F top) const { return Weights<D>(constants_).of(hn::Set(D(), top)); }

  /// Of a position of `row`: those of the rows `beside` that are at least so far to the right and less.
  void list(const F* row, std::span<const Beside<F>> beside, const Interval& others) {
    neighbours_.resize(beside.size() * static_cast<std::size_t>(others.size()) + std::size_t{kAhead});
    Neighbour* next = neighbours_.data();
    for (const Beside<F>& other : beside)
      for (std::int64_t x = std::max(others.begin, other.first); x < others.end; ++x)
        *next++ = {other.row - row + x * kPosition, other.tops[x]};
    neighbour_count_ = next - neighbours_.data();
    std::fill_n(next, kAhead, Neighbour{0, Exponents<F>::kTop});
  }

  /// The pairs of positions with those listed. Each is begun while the two ahead of it are finished: the
  /// processor by itself does not look far enough ahead to hide the time that a weight takes. A function of
  /// its own, for the registers; more pairs at once would not fit into them.
  template <bool kClamped>
  HWY_NOINLINE void add(F* position, const F* end) const {
    const D d;
    const std::int64_t count = neighbour_count_;
    const Weights<D> weights(constants_);
    const Neighbour* neighbours = neighbours_.data();
    for (; position != end; position += kPosition) {
      Centre centre{hn::Load(d, position), hn::Load(d, position + kSums), hn::Load(d, position + kWeights)};
      constexpr std::int64_t kBegun = kAhead + 1;
      Pair pairs[kBegun];
      for (std::int64_t k = 0; k < kAhead; ++k)
        pairs[k] = begun<kClamped>(weights, centre, position, neighbours[k]);
      std::int64_t i = 0;
      for (; i + kBegun <= count; i += kBegun)
        for (std::int64_t k = 0; k < kBegun; ++k) {
          pairs[(k + kAhead) % kBegun] =
              begun<kClamped>(weights, centre, position, neighbours[i + k + kAhead]);
          finish(weights, centre, pairs[k]);
        }
      for (; i < count; ++i)
        finish(weights, centre, begun<kClamped>(weights, centre, position, neighbours[i]));
      hn::Store(centre.sums, d, position + kSums);
      hn::Store(centre.weights, d, position + kWeights);
    }
  }

 private:
  template <bool kClamped>
  static HWY_INLINE Pair begun([[maybe_unused]] const Weights<D>& weights, const Centre& centre, F* position,
                               const Neighbour& neighbour) {
    const D d;
    F* other = position + neighbour.from_centre;
    const auto difference = hn::Sub(centre.values, hn::Load(d, other));
    auto exponent = fused_minus(d, difference, difference, hn::Set(d, neighbour.top));
    if constexpr (kClamped) exponent = weights.clamped(exponent);
    return {difference, exponent, other};
  }

  static HWY_INLINE void finish(const Weights<D>& weights, Centre& centre, const Pair& pair) {
    const D d;
    const auto weight = weights.of(pair.exponent);
    const auto sums = fused(d, weight, pair.difference, hn::Load(d, pair.other + kSums));
    const auto total = hn::Add(weight, hn::Load(d, pair.other + kWeights));
    centre.sums = fused_minus(d, weight, pair.difference, centre.sums);
    centre.weights = hn::Add(centre.weights, weight);
    hn::Store(sums, d, pair.other + kSums);
    hn::Store(total, d, pair.other + kWeights);
  }

  typename Weights<D>::Constants constants_;  ///< read from here, the compiler leaves them in registers
  std::vector<Neighbour> neighbours_;         ///< in scan order, and kAhead that are only looked at
  std::int64_t neighbour_count_ = 0;          ///< without these
};
