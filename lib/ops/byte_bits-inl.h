// 64 bytes as 64 bits, included by loops for each vector target. No include guard: see there.

/// Bit i: whether byte i is `value`.
#if HWY_TARGET == HWY_EMU128 || HWY_TARGET == HWY_SCALAR
inline std::uint64_t equal_bits(const std::uint8_t* bytes, std::uint8_t value) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kLow = 0x7f * kOnes;
  std::uint64_t differing = 0;
  for (int i = 0; i < 64; i += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, bytes + i, sizeof eight);
    eight ^= value * kOnes;
    // The highest bit of each byte says whether the byte is zero; the product gathers these bits.
    const std::uint64_t flags = (((eight & kLow) + kLow) | eight) >> 7 & kOnes;
    differing |= (flags * 0x0102040810204080 >> 56) << i;
  }
  return ~differing;
}
#else
HWY_INLINE std::uint64_t equal_bits(const std::uint8_t* bytes, std::uint8_t value) {
  const hn::ScalableTag<std::uint8_t> d;
  constexpr auto kLanes = static_cast<std::int64_t>(hn::MaxLanes(d));
  static_assert(kLanes <= 64 && 64 % kLanes == 0);
  std::uint8_t bits[16] = {};  // a store may touch 8 bytes
  for (std::int64_t i = 0; i < 64; i += kLanes)
    hn::StoreMaskBits(d, hn::Eq(hn::LoadU(d, bytes + i), hn::Set(d, value)), bits + i / 8);
  std::uint64_t word = 0;
  std::memcpy(&word, bits, sizeof word);
  return word;
}
#endif
