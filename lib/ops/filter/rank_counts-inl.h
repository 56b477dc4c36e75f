// Counts of bytes, and the byte at a rank; included once for each vector target. No include guard: see there.

/// How many voxels have each of 256 values, alone and by sixteens.
template <class Count>
struct ByteCounts {
  Count values[256];
  Count sixteens[16];

  /// By vectors: compilers make it a `rep stos`, which takes longer to start than to run.
  HWY_INLINE void clear() {
    const hn::ScalableTag<Count> d;
    const auto lanes = hn::Lanes(d);
    for (std::size_t i = 0; i < 256; i += lanes) hn::StoreU(hn::Zero(d), d, values + i);
    const hn::CappedTag<Count, 16> few;
    for (std::size_t i = 0; i < 16; i += hn::Lanes(few)) hn::StoreU(hn::Zero(few), few, sixteens + i);
  }
  void add(std::uint8_t value, Count times) {
    values[value] = static_cast<Count>(values[value] + times);
    sixteens[value / 16] = static_cast<Count>(sixteens[value / 16] + times);
  }
  void add(const ByteCounts& other) {
    for (std::size_t i = 0; i < 256; ++i) values[i] = static_cast<Count>(values[i] + other.values[i]);
    for (std::size_t i = 0; i < 16; ++i) sixteens[i] = static_cast<Count>(sixteens[i] + other.sixteens[i]);
  }
  void replace(const ByteCounts& old, const ByteCounts& fresh) {
    for (std::size_t i = 0; i < 256; ++i)
      values[i] = static_cast<Count>(values[i] + fresh.values[i] - old.values[i]);
    for (std::size_t i = 0; i < 16; ++i)
      sixteens[i] = static_cast<Count>(sixteens[i] + fresh.sixteens[i] - old.sixteens[i]);
  }
};

/// The number of leading counts that together do not pass `rank`, which becomes what is left of it. Sixteen
/// steps without a jump, which nobody could foretell.
template <class Count>
HWY_INLINE std::size_t passed(const Count* counts, std::int64_t& rank) {
  std::int64_t before = 0;
  std::int64_t sum = 0;
  std::size_t number = 0;
  for (std::size_t i = 0; i < 15; ++i) {
    sum += counts[i];
    const bool pass = sum <= rank;
    number += pass ? 1 : 0;
    before = pass ? sum : before;
  }
  rank -= before;
  return number;
}

/// The value that `rank` counted ones stand before; `rank` becomes its place among those equal to it.
template <class Count>
HWY_INLINE std::uint8_t value_at(const ByteCounts<Count>& counts, std::int64_t& rank) {
  const std::size_t group = passed(counts.sixteens, rank);
  return static_cast<std::uint8_t>(16 * group + passed(counts.values + 16 * group, rank));
}

/// Voxels as unsigned codes that sort like them, NaN above all others.
template <class T>
struct Codes {
  using Keys = OrderKey<T, true>;
  using Code = std::conditional_t<sizeof(T) == 1, std::uint8_t, std::uint16_t>;
  static constexpr Code kSign = std::is_unsigned_v<typename Keys::Key> ? 0 : Code{1} << (8 * sizeof(T) - 1);

  static Code load(T voxel) { return static_cast<Code>(static_cast<Code>(Keys::load(voxel)) ^ kSign); }
  static T store(Code code) {
    return Keys::store(static_cast<typename Keys::Key>(static_cast<Code>(code ^ kSign)));
  }
};

template <class Code>
HWY_INLINE std::uint8_t upper(Code code) {
  return static_cast<std::uint8_t>(sizeof(Code) == 1 ? code : code >> 8);
}

/// Voxels with these upper bits are NaN, where the type has them.
constexpr std::uint8_t kNanBits = 255;
