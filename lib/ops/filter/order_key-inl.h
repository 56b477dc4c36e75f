// Voxels as integers that sort like them; included once for each vector target. No include guard: see there.
//
// Comparisons of floating values are not associative when NaN is among them, and tell -0 from +0 by the order
// of the operands; integers are safe, and as fast.

template <int kBytes>
using SignedOf =
    std::conditional_t<kBytes == 8, std::int64_t,
                       std::conditional_t<kBytes == 4, std::int32_t,
                                          std::conditional_t<kBytes == 2, std::int16_t, std::int8_t>>>;

/// Integers are their own keys. A floating NaN becomes `kNanKey`: above all others, or below them.
template <class T, bool kNanAbove>
struct OrderKey {
  using Key = T;
  static Key load(T value) { return value; }
  static T store(Key key) { return key; }
};

template <class T, bool kNanAbove>
requires is_float_type<T>
struct OrderKey<T, kNanAbove> {
  using Key = SignedOf<sizeof(T)>;
  static constexpr int kMantissa = sizeof(T) == 2 ? 10 : sizeof(T) == 4 ? 23 : 52;
  static constexpr Key kMagnitude = std::numeric_limits<Key>::max();
  static constexpr Key kInfinity = static_cast<Key>(kMagnitude >> kMantissa << kMantissa);
  static constexpr Key kNanKey = kNanAbove ? kMagnitude : std::numeric_limits<Key>::min();
  static constexpr Key kNan = static_cast<Key>(kInfinity | Key{1} << (kMantissa - 1));

  static Key swapped(Key bits) {
    return static_cast<Key>(bits < 0 ? static_cast<Key>(bits ^ kMagnitude) : bits);
  }
  static Key load(T value) {
    const Key bits = std::bit_cast<Key>(value);
    return (bits & kMagnitude) > kInfinity ? kNanKey : swapped(bits);
  }
  static T store(Key key) { return std::bit_cast<T>(key == kNanKey ? kNan : swapped(key)); }
};
