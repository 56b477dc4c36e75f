// The loops of `convert_rows.cpp`, included once for each vector target. No include guard: see there.
//
// Plain loops, vectorised by the compiler for each target. Counts run in lanes as narrow as the voxels, over
// pieces short enough that they cannot overflow.
template <class T>
using CounterOf = std::conditional_t<sizeof(T) == 8, std::uint64_t,
                                     std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint16_t>>;
constexpr std::int64_t kPiece = 1 << 14;

template <class T>
constexpr bool is_half = std::is_same_v<T, float16>;

/// Rounds half to even where |value| < 2^51 (double) or 2^22 (float): the same on every target, unlike a call
/// of rint.
inline double rounded(double value) {
  constexpr double kMagic = 0x1.8p52;
  return (value + kMagic) - kMagic;
}
inline float rounded(float value) {
  constexpr float kMagic = 0x1.8p23f;
  return (value + kMagic) - kMagic;
}

/// From one integer type to another.
template <class From, class To>
void integers(const From* in, To* out, std::int64_t count, Tally& tally) {
  constexpr bool may_be_low = std::cmp_less(std::numeric_limits<From>::min(), std::numeric_limits<To>::min());
  constexpr bool may_be_high =
      std::cmp_greater(std::numeric_limits<From>::max(), std::numeric_limits<To>::max());
  CounterOf<From> saturated = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    From value = in[i];
    if constexpr (may_be_low) {
      constexpr auto low = static_cast<From>(std::numeric_limits<To>::min());
      saturated = static_cast<CounterOf<From>>(saturated + (value < low ? 1 : 0));
      value = value < low ? low : value;
    }
    if constexpr (may_be_high) {
      constexpr auto high = static_cast<From>(std::numeric_limits<To>::max());
      saturated = static_cast<CounterOf<From>>(saturated + (value > high ? 1 : 0));
      value = value > high ? high : value;
    }
    out[i] = static_cast<To>(value);
  }
  tally.saturated += saturated;
}

/// To an integer type of up to 32 bits. Single precision is enough for what it holds exactly.
template <class From, class To>
void float_to_integer(const From* in, To* out, std::int64_t count, Tally& tally) {
  constexpr bool single = std::is_same_v<From, float> && sizeof(To) <= 2;
  using Compute = std::conditional_t<single, float, double>;
  using Count = std::conditional_t<single, std::int32_t, std::int64_t>;
  constexpr Compute low = std::numeric_limits<To>::min();
  constexpr Compute high = std::numeric_limits<To>::max();
  Count nan = 0;
  Count saturated = 0;
  Count changed = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto value = static_cast<Compute>(in[i]);
    Compute inside = value < low - 1 ? low - 1 : value;
    inside = inside > high + 1 ? high + 1 : inside;
    const bool is_nan = value != value;
    inside = is_nan ? 0 : inside;
    const Compute whole = rounded(inside);
    Compute result = whole < low ? low : whole;
    result = result > high ? high : result;
    nan += is_nan ? 1 : 0;
    saturated += result != whole ? 1 : 0;
    changed += result != inside ? 1 : 0;
    out[i] =
        static_cast<To>(static_cast<std::conditional_t<sizeof(To) == 4, std::int64_t, std::int32_t>>(result));
  }
  tally.nan += nan;
  tally.saturated += saturated;
  tally.rounded += changed - saturated;
}

/// To a 64-bit integer type: its largest value is no double, so the ends are looked at apart.
template <class From, class To>
void float_to_wide_integer(const From* in, To* out, std::int64_t count, Tally& tally) {
  constexpr double low = static_cast<double>(std::numeric_limits<To>::min());
  const double beyond = std::ldexp(1.0, std::numeric_limits<To>::digits);
  for (std::int64_t i = 0; i < count; ++i) {
    const auto value = static_cast<double>(in[i]);
    const double whole = std::nearbyint(value);
    if (value != value) {
      ++tally.nan;
      out[i] = 0;
    } else if (whole < low || whole >= beyond) {
      ++tally.saturated;
      out[i] = whole < low ? std::numeric_limits<To>::min() : std::numeric_limits<To>::max();
    } else {
      if (whole != value) ++tally.rounded;
      out[i] = static_cast<To>(whole);
    }
  }
}

/// True when a floating value is the integer it came from.
template <class From, class To>
bool same_integer(From integer, To converted) {
  const double value = static_cast<double>(converted);
  if constexpr (sizeof(From) < 8) {
    return value == static_cast<double>(integer);
  } else {
    // A double may round the integer too, so compare as integers where that is possible.
    const double beyond = std::ldexp(1.0, std::numeric_limits<From>::digits);
    if (!(value < beyond && value >= -beyond)) return false;
    return static_cast<From>(value) == integer;
  }
}

template <class From, class To>
void integer_to_float(const From* in, To* out, std::int64_t count, Tally& tally) {
  constexpr int kExact = is_half<To> ? 11 : std::numeric_limits<To>::digits;
  std::int64_t inexact = 0;
  std::int64_t infinite = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    if constexpr (is_half<To>)
      out[i] = To(static_cast<double>(in[i]));
    else
      out[i] = static_cast<To>(in[i]);
    if constexpr (std::numeric_limits<From>::digits > kExact) inexact += same_integer(in[i], out[i]) ? 0 : 1;
    if constexpr (is_half<To>) infinite += std::isinf(static_cast<double>(out[i])) ? 1 : 0;
  }
  tally.saturated += infinite;
  tally.rounded += inexact - infinite;
}

template <class From, class To>
void floats(const From* in, To* out, std::int64_t count, Tally& tally) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  std::int64_t inexact = 0;
  std::int64_t infinite = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto value = static_cast<double>(in[i]);
    out[i] = static_cast<To>(value);
    const auto back = static_cast<double>(out[i]);
    inexact += value == value && back != value ? 1 : 0;
    infinite += value == value && back != value && (back == kInfinity || back == -kInfinity) ? 1 : 0;
  }
  tally.saturated += infinite;
  tally.rounded += inexact - infinite;
}

template <class From, class To>
void convert_piece(const From* in, To* out, std::int64_t count, Tally& tally) {
  if constexpr (is_float_type<From> && is_float_type<To>)
    floats(in, out, count, tally);
  else if constexpr (is_float_type<To>)
    integer_to_float(in, out, count, tally);
  else if constexpr (!is_float_type<From>)
    integers(in, out, count, tally);
  else if constexpr (sizeof(To) == 8)
    float_to_wide_integer(in, out, count, tally);
  else
    float_to_integer(in, out, count, tally);
}

template <class From, class To>
void convert_pieces(const From* in, To* out, std::int64_t count, Tally& tally) {
  for (std::int64_t done = 0; done < count; done += kPiece)
    convert_piece(in + done, out + done, std::min(kPiece, count - done), tally);
}
