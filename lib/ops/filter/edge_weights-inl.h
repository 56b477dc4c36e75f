// What filters that weigh neighbours by their values share, included by their loops for each vector target.
// No include guard: see there.
//
// Values are computed as floats where these hold every value of the type, else as doubles, and are scaled
// beforehand. A sum of weighted differences to the centre is divided by the sum of weights and added back, so
// that neither large values nor the order of additions cost digits.

/// Voxel types of up to 16 bits, and float itself.
template <class T>
using WorkFloat = std::conditional_t<std::is_same_v<T, float> || std::is_same_v<T, float16> ||
                                         (std::is_integral_v<T> && sizeof(T) <= 2),
                                     float, double>;

/// How a power of two is told from a number n between one power of two and the next: its bits hold n as a
/// fixed-point number, whose whole part a shift moves to the exponent. n = kTop stands for a weight near 1.
template <class F>
struct PowerFormat;
template <>
struct PowerFormat<float> {
  static constexpr float kTop = 248;
  static constexpr int kShift = 7;
};
template <>
struct PowerFormat<double> {
  static constexpr double kTop = 1012;
  static constexpr int kShift = 9;
};

/// n with a shift: a power of two times 1 + the fraction of n, of either sign.
template <class D>
hn::Vec<D> shifted_to_power(D d, hn::Vec<D> n) {
  const hn::RebindToUnsigned<D> bits;
  return hn::BitCast(d, hn::ShiftLeft<PowerFormat<hn::TFromD<D>>::kShift>(hn::BitCast(bits, n)));
}

/// In scaled values: stands for NaN and infinities. Its differences to all others are so large that nothing
/// is like it, yet finite, so that a weight of 0 takes it away.
template <class F>
constexpr F kNoNumber = std::is_same_v<F, float> ? F(3e38F) : static_cast<F>(1e300);
/// The largest magnitude of a scaled value. Beyond it, voxels that differ at all differ by more than counts.
template <class F>
constexpr F kLargestScaled = std::is_same_v<F, float> ? F(1e30F) : static_cast<F>(1e150);

template <class T, class F>
F widened(T voxel) {
  if constexpr (std::is_same_v<T, float16>)
    return static_cast<F>(static_cast<float>(voxel));
  else
    return static_cast<F>(voxel);
}

template <class T, class F>
void load_scaled(const T* row, F scale, F* out, std::int64_t n) {
#pragma GCC ivdep
  for (std::int64_t i = 0; i < n; ++i) {
    const F value = widened<T, F>(row[i]) * scale;
    out[i] = std::abs(value) <= kLargestScaled<F> ? value : kNoNumber<F>;
  }
}
