// The loops of `extreme_rows.cpp`, included once for each vector target. No include guard: see there.
//
// Plain loops, vectorised by the compiler for each target. A row may be the target and the first operand of a
// step at once: what is read lies at or ahead of what is written, hence the pragma.

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

/// out[i] = write(extreme of read(rows[k][i])) of up to four rows.
template <class O, class In, class Out, class Read, class Write>
void combine(const std::array<const In*, 4>& rows, int count, Out* out, std::int64_t n, Read read,
             Write write) {
  const In* a = rows[0];
  const In* b = rows[1];
  const In* c = rows[2];
  const In* d = rows[3];
  if (count == 1) {
#pragma GCC ivdep
    for (std::int64_t i = 0; i < n; ++i) out[i] = write(read(a[i]));
  } else if (count == 2) {
#pragma GCC ivdep
    for (std::int64_t i = 0; i < n; ++i) out[i] = write(O::of(read(a[i]), read(b[i])));
  } else if (count == 3) {
#pragma GCC ivdep
    for (std::int64_t i = 0; i < n; ++i) out[i] = write(O::of(O::of(read(a[i]), read(b[i])), read(c[i])));
  } else {
#pragma GCC ivdep
    for (std::int64_t i = 0; i < n; ++i)
      out[i] = write(O::of(O::of(read(a[i]), read(b[i])), O::of(read(c[i]), read(d[i]))));
  }
}

template <class T, bool kMax>
class Rows {
 public:
  using O = Order<T, kMax>;
  using Key = typename O::Key;

  /// Voxels to keys, keys to keys, keys to voxels.
  static void enter(const std::array<const T*, 4>& rows, int count, Key* out, std::int64_t n) {
    combine<O>(
        rows, count, out, n, [](T value) { return O::Keys::load(value); }, [](Key key) { return key; });
  }
  static void go_on(const std::array<const Key*, 4>& rows, int count, Key* out, std::int64_t n) {
    const auto same = [](Key key) { return key; };
    combine<O>(rows, count, out, n, same, same);
  }
  /// A row of keys and two of voxels.
  static void grow(const Key* keys, const T* above, const T* below, Key* out, std::int64_t n) {
#pragma GCC ivdep
    for (std::int64_t i = 0; i < n; ++i)
      out[i] = O::of(keys[i], O::of(O::Keys::load(above[i]), O::Keys::load(below[i])));
  }
  static void leave(const std::array<const Key*, 4>& rows, int count, T* out, std::int64_t n) {
    combine<O>(
        rows, count, out, n, [](Key key) { return key; }, [](Key key) { return O::Keys::store(key); });
  }
};

template <class T, class RowAt>
std::array<const T*, 4> rows_of(const WindowStep& step, RowAt row_at) {
  std::array<const T*, 4> rows{};
  for (int k = 0; k < step.count; ++k)
    rows[static_cast<std::size_t>(k)] = row_at(step.offsets[static_cast<std::size_t>(k)]);
  return rows;
}
