// Fused multiply-adds with the same bits on every vector target, included by loops for each. No include
// guard: see there.
//
// Floats are fused on all targets. Where the processor cannot, the product is exact in double precision, the
// sum is rounded there to odd (Boldo and Melquiond, 2008), and the last rounding is then the only one that
// shows. Doubles are multiplied and added.

#if !HWY_NATIVE_FMA
/// a * b + c, finite.
HWY_INLINE float fused_by_doubles(float a, float b, float c) {
  const double product = static_cast<double>(a) * b;
  const double sum = product + c;
  auto bits = std::bit_cast<std::int64_t>(sum);
  // Only what looks like a tie between two floats, or is tiny, could be rounded wrongly the second time.
  if ((bits & 0x1FFFFFFF) == 0x10000000 || std::abs(sum) < 0x1p-125) {
    const double part = sum - product;
    const double rest = (product - (sum - part)) + (c - part);
    if (rest != 0 && bits % 2 == 0) bits += (rest > 0) == (sum > 0) ? 1 : -1;
  }
  return static_cast<float>(std::bit_cast<double>(bits));
}
#endif

/// a * b + c
template <class D>
HWY_INLINE hn::Vec<D> fused([[maybe_unused]] D d, hn::Vec<D> a, hn::Vec<D> b, hn::Vec<D> c) {
  if constexpr (std::is_same_v<hn::TFromD<D>, double>) {
    return hn::Add(hn::Mul(a, b), c);
  } else {
#if HWY_NATIVE_FMA
    return hn::MulAdd(a, b, c);
#else
    HWY_ALIGN float lanes[3][hn::MaxLanes(d)];
    hn::Store(a, d, lanes[0]);
    hn::Store(b, d, lanes[1]);
    hn::Store(c, d, lanes[2]);
    for (std::size_t i = 0; i < hn::Lanes(d); ++i)
      lanes[2][i] = fused_by_doubles(lanes[0][i], lanes[1][i], lanes[2][i]);
    return hn::Load(d, lanes[2]);
#endif
  }
}

/// c - a * b
template <class D>
HWY_INLINE hn::Vec<D> fused_minus([[maybe_unused]] D d, hn::Vec<D> a, hn::Vec<D> b, hn::Vec<D> c) {
#if HWY_NATIVE_FMA
  if constexpr (std::is_same_v<hn::TFromD<D>, float>) return hn::NegMulAdd(a, b, c);
#endif
  return fused(d, hn::Neg(a), b, c);
}
