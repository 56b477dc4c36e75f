// The loops of `extreme_rows.cpp`, included once for each vector target. No include guard: see there.
//
// Plain loops, vectorised by the compiler for each target, over whole cache lines, because a rest that is no
// whole vector would take longer than all before it. Rows of keys have room for that behind their end. A row
// of keys may be the target and an operand of a step at once: what is read lies at or ahead of what is
// written, hence the pragma.

template <class T, bool kMax>
struct Order {
  using Keys = OrderKey<T, kMax>;
  using Key = typename Keys::Key;
  static Key of(Key a, Key b) {
    if constexpr (kMax)
      return a > b ? a : b;
    else
      return a < b ? a : b;
  }
};

/// Rows that one loop reads.
constexpr int kMostRows = 8;
template <class T>
using RowList = std::array<const T*, static_cast<std::size_t>(kMostRows)>;

template <std::size_t kSize>
using Size = std::integral_constant<std::size_t, kSize>;

template <class T>
constexpr std::int64_t kLineOf = std::int64_t{64} / std::int64_t{sizeof(T)};

/// Calls `at(i)` for the values of so many lines. The number for one line is known to the compiler: no rests
/// to care for, and pointers that do not fit the registers are loaded once for all vectors of a line. Who
/// calls it copies arrays of pointers first: what a row is written to may not seem to change them.
template <std::int64_t kLine, class At>
HWY_INLINE void for_lines(std::int64_t begin, std::int64_t lines, At at) {
  for (std::int64_t line = begin; line < begin + lines * kLine; line += kLine) {
#pragma GCC ivdep
    for (std::int64_t i = line; i < line + kLine; ++i) at(i);
  }
}

/// out[i] = write(extreme of read(rows[k][i]) for k < kCount), for `lines` cache lines.
template <class O, int kCount, class In, class Out, class Read, class Write>
HWY_NOINLINE void combine_lines(const RowList<In>& rows, Out* out, std::int64_t lines, Read read,
                                Write write) {
  std::array<const In*, kCount> row;
  std::copy_n(rows.begin(), kCount, row.begin());
  for_lines<kLineOf<Out>>(0, lines, [&](auto i) {
    auto value = read(row[0][i]);
    for (std::size_t k = 1; k < kCount; ++k) value = O::of(value, read(row[k][i]));
    out[i] = write(value);
  });
}

/// For count <= kMost.
template <class O, int kMost, class In, class Out, class Read, class Write>
void combine(const RowList<In>& rows, int count, Out* out, std::int64_t lines, Read read, Write write) {
  if constexpr (kMost > 1)
    if (count < kMost) return combine<O, kMost - 1>(rows, count, out, lines, read, write);
  combine_lines<O, kMost>(rows, out, lines, read, write);
}

/// The same for n values where nothing may be read or written behind them: the last line overlaps the one
/// before.
template <class O, int kMost, class In, class Out, class Read, class Write>
void combine_within(const RowList<In>& rows, int count, Out* out, std::int64_t n, Read read, Write write) {
  constexpr std::int64_t kLine = kLineOf<Out>;
  if (n < kLine) {
    for (std::int64_t i = 0; i < n; ++i) {
      auto value = read(rows[0][i]);
      for (int k = 1; k < count; ++k) value = O::of(value, read(rows[static_cast<std::size_t>(k)][i]));
      out[i] = write(value);
    }
    return;
  }
  combine<O, kMost>(rows, count, out, n / kLine, read, write);
  if (n % kLine == 0) return;
  RowList<In> last{};
  for (std::size_t k = 0; k < static_cast<std::size_t>(count); ++k) last[k] = rows[k] + n - kLine;
  combine<O, kMost>(last, count, out + n - kLine, 1, read, write);
}

template <class T, bool kMax>
class Rows {
 public:
  using O = Order<T, kMax>;
  using Key = typename O::Key;

  /// Voxels to keys; keys to keys; keys to voxels.
  static void enter(const T* row, Key* out, std::int64_t n) { gather_some<1, true>(RowList<T>{row}, out, n); }
  static void go_on(const RowList<Key>& rows, int count, Key* out, std::int64_t n) {
    const auto same = [](Key key) { return key; };
    combine<O, kMostRows>(rows, count, out, (n + kLineOf<Key> - 1) / kLineOf<Key>, same, same);
  }
  /// Rows of keys, each of the one before and two of voxels. The first is of `centre`: keys, or voxels that
  /// enter with it as the first of `out`.
  template <std::size_t kSteps, class In, std::size_t kOut>
  static void grow(const In* centre, const std::array<const T*, 2 * kSteps>& rows,
                   const std::array<Key*, kOut>& out, std::int64_t n) {
    by_lines(
        n, [&](auto begin, auto lines) { grow_lines<kSteps>(centre, rows, out, begin, lines); },
        [&](auto i) __attribute__((noinline)) { grow_at<kSteps>(centre, rows, out, i); });
  }
  /// The extreme of rows of voxels or keys; `row_at(k)` is one of `count`.
  template <class In, class RowAt>
  static void gather(std::int64_t count, RowAt row_at, Key* out, std::int64_t n) {
    const auto take = [&]<std::size_t kCount, bool kFirst>(Size<kCount>, std::bool_constant<kFirst>,
                                                           std::int64_t k) {
      RowList<In> rows{};
      for (std::size_t i = 0; i < kCount; ++i) rows[i] = row_at(k + static_cast<std::int64_t>(i));
      gather_some<kCount, kFirst>(rows, out, n);
    };
    if (count == 1) return take(Size<1>(), std::true_type(), 0);
    take(Size<2>(), std::true_type(), 0);
    std::int64_t k = 2;
    for (; k + 6 <= count; k += 6) take(Size<6>(), std::false_type(), k);
    for (; k + 2 <= count; k += 2) take(Size<2>(), std::false_type(), k);
    if (k < count) take(Size<1>(), std::false_type(), k);
  }
  /// Windows that follow each other, from what all of them hold and what they hold besides: of rows `ends`,
  /// the first half stand before it, the second half behind it.
  template <std::size_t kGroup, class In>
  static void spread(const Key* common, const std::array<const In*, 2 * (kGroup - 1)>& ends,
                     const std::array<Key*, kGroup>& out, std::int64_t n) {
    by_lines(
        n, [&](auto begin, auto lines) { spread_lines<kGroup>(common, ends, out, begin, lines); },
        [&](auto i) __attribute__((noinline)) { spread_at<kGroup>(common, ends, out, i); });
  }
  static void leave(const RowList<Key>& rows, int count, T* out, std::int64_t n) {
    combine_within<O, kMostRows>(
        rows, count, out, n, [](Key key) { return key; }, [](Key key) { return O::Keys::store(key); });
  }

 private:
  /// Calls `lines(begin, count)` for whole cache lines of a row of keys, of which the last may overlap the
  /// one before, or `at(i)` for the values of a shorter row.
  template <class Lines, class At>
  static void by_lines(std::int64_t n, Lines lines, At at) {
    constexpr std::int64_t kLine = kLineOf<Key>;
    if (n >= kLine) lines(std::int64_t{0}, n / kLine);
    if (n > kLine && n % kLine != 0) lines(n - kLine, std::int64_t{1});
    for (std::int64_t i = 0; n < kLine && i < n; ++i) at(i);
  }

  template <class In>
  static Key key_of(In value) {
    if constexpr (std::is_same_v<In, Key>)
      return value;
    else
      return O::Keys::load(value);
  }

  template <std::size_t kCount, bool kFirst, class In>
  static void gather_some(const RowList<In>& rows, Key* out, std::int64_t n) {
    by_lines(
        n, [&](auto begin, auto lines) { gather_lines<kCount, kFirst>(rows, out, begin, lines); },
        [&](auto i) __attribute__((noinline)) { gather_at<kCount, kFirst>(rows, out, i); });
  }

  template <std::size_t kCount, bool kFirst, class In>
  static void gather_at(const RowList<In>& rows, Key* out, std::int64_t i) {
    Key key = key_of(rows[0][i]);
    for (std::size_t k = 1; k < kCount; ++k) key = O::of(key, key_of(rows[k][i]));
    out[i] = kFirst ? key : O::of(out[i], key);
  }

  template <std::size_t kCount, bool kFirst, class In>
  static HWY_NOINLINE void gather_lines(const RowList<In>& some, Key* out, std::int64_t begin,
                                        std::int64_t lines) {
    const auto rows = some;
    for_lines<kLineOf<Key>>(begin, lines, [&](auto i) { gather_at<kCount, kFirst>(rows, out, i); });
  }

  template <std::size_t kGroup, class In>
  static void spread_at(const Key* common, const std::array<const In*, 2 * (kGroup - 1)>& ends,
                        const std::array<Key*, kGroup>& out, std::int64_t i) {
    std::array<Key, kGroup> keys;
    keys[kGroup - 1] = common[i];
    for (std::size_t k = kGroup - 1; k > 0; --k) keys[k - 1] = O::of(keys[k], key_of(ends[k - 1][i]));
    out[0][i] = keys[0];
    Key behind = key_of(ends[kGroup - 1][i]);
    for (std::size_t k = 1; k < kGroup; ++k) {
      if (k > 1) behind = O::of(behind, key_of(ends[kGroup - 2 + k][i]));
      out[k][i] = O::of(keys[k], behind);
    }
  }

  template <std::size_t kGroup, class In>
  static HWY_NOINLINE void spread_lines(const Key* common,
                                        const std::array<const In*, 2 * (kGroup - 1)>& all_ends,
                                        const std::array<Key*, kGroup>& all_out, std::int64_t begin,
                                        std::int64_t lines) {
    const auto ends = all_ends;
    const auto out = all_out;
    for_lines<kLineOf<Key>>(begin, lines, [&](auto i) { spread_at<kGroup>(common, ends, out, i); });
  }

  template <std::size_t kSteps, class In, std::size_t kOut>
  static void grow_at(const In* centre, const std::array<const T*, 2 * kSteps>& rows,
                      const std::array<Key*, kOut>& out, std::int64_t i) {
    Key key{};
    if constexpr (kOut > kSteps)
      out[0][i] = key = O::Keys::load(centre[i]);
    else
      key = centre[i];
    for (std::size_t step = 0; step < kSteps; ++step) {
      key = O::of(key, O::of(O::Keys::load(rows[2 * step][i]), O::Keys::load(rows[2 * step + 1][i])));
      out[kOut - kSteps + step][i] = key;
    }
  }

  template <std::size_t kSteps, class In, std::size_t kOut>
  static HWY_NOINLINE void grow_lines(const In* centre, const std::array<const T*, 2 * kSteps>& all_rows,
                                      const std::array<Key*, kOut>& all_out, std::int64_t begin,
                                      std::int64_t lines) {
    const auto rows = all_rows;
    const auto out = all_out;
    for_lines<kLineOf<Key>>(begin, lines, [&](auto i) { grow_at<kSteps>(centre, rows, out, i); });
  }
};

template <class T, class RowAt>
RowList<T> rows_of(const WindowStep& step, RowAt row_at) {
  RowList<T> rows{};
  for (int k = 0; k < step.count; ++k)
    rows[static_cast<std::size_t>(k)] = row_at(step.offsets[static_cast<std::size_t>(k)]);
  return rows;
}
