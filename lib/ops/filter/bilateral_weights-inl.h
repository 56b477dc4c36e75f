// Weights of the bilateral filter, included by its loops for each vector target, behind `edge_weights-inl.h`
// and `fused-inl.h`. No include guard: see there.

/// How the binary logarithm of a weight is given: as a number n in [kLow, 2 kLow), a unit of which is
/// kOctaves. The weight of kTop is near 1, but for a factor that all share; of kLow comes exactly 0, beyond
/// any weight that could matter.
template <class F>
struct Exponents;
template <>
struct Exponents<float> {
  static constexpr float kLow = 64;
  static constexpr float kTop = 124.1167F;  ///< with a fraction for which the cubic has its mean error
  static constexpr float kOctaves = 2;
};
template <>
struct Exponents<double> {
  static constexpr double kLow = 512;
  static constexpr double kTop = PowerFormat<double>::kTop;
  static constexpr double kOctaves = 1;
};

/// The weights of exponents. REQUIRES: these are at least kLow.
template <class D, class F = hn::TFromD<D>>
class Weights;

/// The bits of n, without those of kLow, are octaves as a fixed-point number with 16 digits f behind the
/// point. Shifted, they are the bits of a float, but 1 + f stands where 2^f should: the bits of 2 + 2 (1 + f
/// - 2^f) are subtracted, which takes away those of kLow as well. For 2^f stands a cubic of 1 + f without a
/// square, the fewest constants and operations that will do, by minimax but that it is 1 where f is 0;
/// weights are good to 9.6e-5 beside one another.
template <class D>
class Weights<D, float> {
 public:
  /// Outlive the weights.
  struct Constants {
    Constants()
        : slope(hn::Set(D(), 0x1.1197A8p+6F)),
          linear(hn::Set(D(), -0x1.FFF6A8p+0F)),
          last(hn::Set(D(), 0x1.157CEEp+0F)),
          low(hn::Set(D(), Exponents<float>::kLow)) {}

    hn::Vec<D> slope;
    hn::Vec<D> linear;
    hn::Vec<D> last;
    hn::Vec<D> low;
  };
  explicit Weights(const Constants& constants)
      : slope_(constants.slope), linear_(constants.linear), last_(constants.last), low_(constants.low) {}

  /// n, at least kLow.
  HWY_INLINE hn::Vec<D> clamped(hn::Vec<D> n) const { return hn::Max(n, low_); }

  HWY_INLINE hn::Vec<D> of(hn::Vec<D> n) const {
    const D d;
    const hn::RebindToUnsigned<D> bits;
    const auto t = fused(d, one_and_fraction(n), slope_, slope_);
    const auto cubic = fused(d, fused(d, t, t, linear_), t, last_);
    return hn::BitCast(d, hn::Sub(hn::ShiftLeft<7>(hn::BitCast(bits, n)), hn::BitCast(bits, cubic)));
  }

 private:
  /// -1 - (1 + f) / 128
  HWY_INLINE hn::Vec<D> one_and_fraction(hn::Vec<D> n) const {
    constexpr std::uint32_t kUpper = 0xBF810000U;  // the bits where f is 0
    const D d;
    const auto upper = hn::BitCast(d, hn::Set(hn::RebindToUnsigned<D>(), kUpper));
#if HWY_TARGET == HWY_SCALAR
    return hn::Or(hn::And(n, hn::BitCast(d, hn::Set(hn::RebindToUnsigned<D>(), 0xFFFFU))), upper);
#else
    const hn::Repartition<std::uint16_t, D> halves;
    return hn::BitCast(d, hn::OddEven(hn::BitCast(halves, upper), hn::BitCast(halves, n)));
#endif
  }

  hn::Vec<D> slope_;
  hn::Vec<D> linear_;
  const hn::Vec<D>& last_;  ///< these are read whenever they are used, for want of registers
  const hn::Vec<D>& low_;
};

/// 2^n, times a polynomial of the fraction by minimax, divided by its first coefficient; good to 1.9e-9.
template <class D>
class Weights<D, double> {
 public:
  struct Constants {};
  explicit Weights(const Constants& /*constants*/) {}

  hn::Vec<D> clamped(hn::Vec<D> n) const { return hn::Max(n, hn::Set(D(), Exponents<double>::kLow)); }

  HWY_INLINE hn::Vec<D> of(hn::Vec<D> n) const {
    constexpr std::uint64_t kWhole = 0xFFFFF80000000000U;  // the bits of n without its fraction
    constexpr double kPolynomial[] = {5.731979260079053,  44.59831841023413,  255.65703096172538,
                                      1106.9348834004302, 3193.8937628959097, 4607.816009133122};
    const D d;
    const auto whole = hn::And(n, hn::BitCast(d, hn::Set(hn::RebindToUnsigned<D>(), kWhole)));
    const auto fraction = hn::Sub(n, whole);
    auto mantissa = hn::Add(fraction, hn::Set(d, kPolynomial[0]));
    for (std::size_t i = 1; i < std::size(kPolynomial); ++i)
      mantissa = fused(d, mantissa, fraction, hn::Set(d, kPolynomial[i]));
    return hn::Mul(mantissa, shifted_to_power(d, whole));
  }
};
