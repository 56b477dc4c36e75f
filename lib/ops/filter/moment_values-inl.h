// What moments add up, included by `box_moments_rows.cpp` for each vector target. No include guard: see
// there.

template <class T>
constexpr bool kFewBits = !is_float_type<T> && sizeof(T) <= 2;

/// Unsigned 16-bit voxels count from the middle of their range: sums then fit 32 bits with a sign, and two
/// squares 32 bits.
template <class T>
constexpr std::int32_t kMiddle = std::is_same_v<T, std::uint16_t> ? 0x8000 : 0;

/// A voxel or its square.
template <class T, class Sum, bool kSquare>
auto value_of(T voxel) {
  if constexpr (kFewBits<T>) {
    const auto value = static_cast<std::uint32_t>(std::int32_t{voxel} - kMiddle<T>);
    if constexpr (kSquare)
      return static_cast<std::uint32_t>(value * value);
    else
      return static_cast<Sum>(static_cast<std::int32_t>(value));
  } else {
    using Widened = std::conditional_t<std::is_same_v<T, float16>, float, T>;
    const auto value = static_cast<Sum>(static_cast<Widened>(voxel));
    return kSquare ? static_cast<Sum>(value * value) : value;
  }
}

template <class Sum>
void add_row(Sum* sum, const Sum* row, std::int64_t n) {
#pragma GCC ivdep
  for (std::int64_t i = 0; i < n; ++i) sum[i] = static_cast<Sum>(sum[i] + row[i]);
}
