// Sums over boxes of doubles, included by `box_moments_rows.cpp` for each vector target. No include guard:
// see there.
//
// Running sums of doubles would carry roundings and NaN along. Instead, four windows that follow each other
// along z or y, a group, share the sum of what all of them hold; groups begin at multiples of four in the
// volume, so that it does not show how this is cut. Along x, where the order of neighbours is the same for
// all voxels, windows are made of sums of 1, 2, 4, ... voxels.

constexpr std::int64_t kGroup = kMomentsGroup;

inline std::int64_t within_group(std::int64_t i) { return (i % kGroup + kGroup) % kGroup; }

/// The part of its group that a block from `begin` to `end` has, of its plane or row `i`; counted within the
/// block.
inline Interval group_of(std::int64_t i, std::int64_t begin, std::int64_t end) {
  const std::int64_t first = i - within_group(begin + i);
  return {std::max<std::int64_t>(first, 0), std::min(first + kGroup, end - begin)};
}

/// Calls `at(tag, i)` so that vectors of doubles at `i` see to all of `n` values.
template <class At>
HWY_INLINE void by_vectors(std::int64_t n, At at) {
  const hn::ScalableTag<double> d;
  const hn::CappedTag<double, 1> one;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t i = 0;
  for (; i + lanes <= n; i += lanes) at(d, i);
  for (; i < n; ++i) at(one, i);
}

template <bool kSquare, class D, class T>
HWY_INLINE hn::Vec<D> value_at(D d, const T* row, std::int64_t i) {
  const auto value = load_doubles(d, row + i);
  return kSquare ? hn::Mul(value, value) : value;
}

/// Adds `kRows` rows to `sum`, or makes it their sum.
template <bool kSquare, int kRows, class T>
void add_rows(const T* const* rows, bool first, std::int64_t n, double* sum) {
  by_vectors(
      n, [&](auto d, std::int64_t i) __attribute__((always_inline)) {
        auto added = value_at<kSquare>(d, rows[0], i);
#pragma GCC unroll 8
        for (int k = 1; k < kRows; ++k) added = hn::Add(added, value_at<kSquare>(d, rows[k], i));
        hn::StoreU(first ? added : hn::Add(hn::LoadU(d, sum + i), added), d, sum + i);
      });
}

/// The sum of `count` rows: few at once, so that each is read on and on.
template <bool kSquare, class T>
void sum_rows(const T* const* rows, std::int64_t count, std::int64_t n, double* sum) {
  constexpr std::int64_t kAtOnce = 4;
  std::int64_t k = 0;
  for (; k + kAtOnce <= count; k += kAtOnce) add_rows<kSquare, kAtOnce>(rows + k, k == 0, n, sum);
  for (; k < count; ++k) add_rows<kSquare, 1>(rows + k, k == 0, n, sum);
}

/// The sums over windows 0 to 3 of 2 reach + 1 rows of `n` values, that each begin one row further. Window 3
/// serves for what they have in common, too.
template <bool kSquare, class T>
void sum_group(const T* const* rows, std::int64_t reach, std::int64_t n, double* const* out) {
  const std::int64_t last = 2 * reach;
  if (last == 0) {
    for (std::int64_t window = 0; window < kGroup; ++window)
      add_rows<kSquare, 1>(rows + window, true, n, out[window]);
    return;
  }
  if (last == 2) {  // nothing is in all four
    by_vectors(
        n, [&](auto d, std::int64_t i) __attribute__((always_inline)) {
          hn::Vec<decltype(d)> values[kGroup + 2];
#pragma GCC unroll 8
          for (std::int64_t k = 0; k < kGroup + 2; ++k) values[k] = value_at<kSquare>(d, rows[k], i);
#pragma GCC unroll 8
          for (std::int64_t window = 0; window < kGroup; ++window)
            hn::StoreU(hn::Add(hn::Add(values[window], values[window + 1]), values[window + 2]), d,
                       out[window] + i);
        });
    return;
  }
  double* common = out[kGroup - 1];
  sum_rows<kSquare>(rows + kGroup - 1, last + 2 - kGroup, n, common);
  const T* const* behind = rows + last + 1;
  by_vectors(
      n, [&](auto d, std::int64_t i) __attribute__((always_inline)) {
        const auto before2 = value_at<kSquare>(d, rows[2], i);
        const auto before1 = hn::Add(value_at<kSquare>(d, rows[1], i), before2);
        const auto before0 = hn::Add(value_at<kSquare>(d, rows[0], i), before1);
        const auto behind0 = value_at<kSquare>(d, behind[0], i);
        const auto behind1 = hn::Add(behind0, value_at<kSquare>(d, behind[1], i));
        const auto behind2 = hn::Add(behind1, value_at<kSquare>(d, behind[2], i));
        const auto sum = hn::LoadU(d, common + i);
        hn::StoreU(hn::Add(sum, before0), d, out[0] + i);
        hn::StoreU(hn::Add(hn::Add(sum, before1), behind0), d, out[1] + i);
        hn::StoreU(hn::Add(hn::Add(sum, before2), behind1), d, out[2] + i);
        hn::StoreU(hn::Add(sum, behind2), d, out[3] + i);
      });
}

/// The sums over windows along a row of n + window - 1 values, which are lost.
inline void sum_along(double* row, std::int64_t window, std::int64_t n, double* out) {
  if (window == 3) {
    const double* const rows[] = {row, row + 1, row + 2};
    return add_rows<false, 3>(rows, true, n, out);
  }
  std::int64_t summed = 0;                                     // values of each window, its first ones
  for (std::int64_t width = 1; width <= window; width *= 2) {  // each value is the sum of so many
    if ((window & width) != 0) {
      const double* next = row + summed;
      if (summed == 0) {
        std::copy_n(next, n, out);
      } else {
#pragma GCC ivdep
        for (std::int64_t i = 0; i < n; ++i) out[i] += next[i];
      }
      summed += width;
    }
    const std::int64_t doubled = n + window - 2 * width;
#pragma GCC ivdep
    for (std::int64_t i = 0; i < doubled; ++i) row[i] += row[i + width];
  }
}

/// Of the values of a block, or of their squares. Rows are asked for in the order of `for_each_grouped_row`.
template <class T, bool kSquare>
class GroupSums {
 public:
  /// `scratch`: kGroup * (kGroup + 2 reach.y + 1) rows of sums.
  GroupSums(const ConstBlock& in, const Extent3& reach, std::byte* scratch)
      : in_(in),
        reach_(reach),
        width_(in.shape().x + 2 * reach.x),
        stride_(scratch_row_bytes(width_, sizeof(double)) / std::int64_t{sizeof(double)}),
        kept_(kGroup + 2 * reach.y),
        along_z_(reinterpret_cast<double*>(scratch)),
        along_y_(along_z_ + kGroup * kept_ * stride_),
        planes_(static_cast<std::size_t>(kGroup + 2 * reach.z)),
        rows_(static_cast<std::size_t>(kept_)) {}

  /// The sums around row (z, y), for every x.
  void sums(std::int64_t z, std::int64_t y, double* out) {
    const Interval planes = group_of(z, in_.box.begin.z, in_.box.end.z);
    const Interval rows = group_of(y, in_.box.begin.y, in_.box.end.y);
    if (y == rows.begin) {
      if (z == planes.begin) sum_along_z(planes, rows);
      sum_along_y(z, rows);
    }
    sum_along(along_y(y), 2 * reach_.x + 1, in_.shape().x, out);
  }

 private:
  double* along_z(std::int64_t plane, std::int64_t y) const {
    return along_z_ + (plane * kept_ + (y + reach_.y) % kept_) * stride_;
  }
  double* along_y(std::int64_t y) const { return along_y_ + within_group(in_.box.begin.y + y) * stride_; }

  /// The rows around `rows` that are not there yet, summed along z.
  void sum_along_z(const Interval& planes, const Interval& rows) {
    const std::int64_t group = planes.begin - within_group(in_.box.begin.z + planes.begin);
    for (std::int64_t y = rows.begin == 0 ? -reach_.y : rows.begin + reach_.y; y < rows.end + reach_.y; ++y) {
      // What windows outside of the block would need is not there; their sums are not looked at.
      for (std::int64_t k = 0; k < kGroup + 2 * reach_.z; ++k) {
        const std::int64_t z =
            std::clamp(group - reach_.z + k, planes.begin - reach_.z, planes.end - 1 + reach_.z);
        planes_[static_cast<std::size_t>(k)] = reinterpret_cast<const T*>(in_.row(z, y)) - reach_.x;
      }
      double* out[kGroup];
      for (std::int64_t plane = 0; plane < kGroup; ++plane) out[plane] = along_z(plane, y);
      sum_group<kSquare>(planes_.data(), reach_.z, width_, out);
    }
  }

  /// `rows` of plane `z`, summed along y too.
  void sum_along_y(std::int64_t z, const Interval& rows) {
    const std::int64_t plane = within_group(in_.box.begin.z + z);
    const std::int64_t group = rows.begin - within_group(in_.box.begin.y + rows.begin);
    for (std::int64_t k = 0; k < kept_; ++k)
      rows_[static_cast<std::size_t>(k)] =
          along_z(plane, std::clamp(group - reach_.y + k, rows.begin - reach_.y, rows.end - 1 + reach_.y));
    double* out[kGroup];
    for (std::int64_t row = 0; row < kGroup; ++row) out[row] = along_y_ + row * stride_;
    sum_group<false>(rows_.data(), reach_.y, width_, out);
  }

  ConstBlock in_;
  Extent3 reach_;
  std::int64_t width_;
  std::int64_t stride_;
  std::int64_t kept_;  ///< rows of each plane that are kept, summed along z
  double* along_z_;
  double* along_y_;               ///< a group of rows
  std::vector<const T*> planes_;  ///< rows of planes around a group of them
  std::vector<const double*> rows_;
};

/// Calls `row(z, y)` for each of a block, those of a group of planes and rows after each other.
template <class Row>
void for_each_grouped_row(const Box3& box, Row row) {
  const Extent3 size = box.shape();
  for (std::int64_t z = 0; z < size.z;) {
    const Interval planes = group_of(z, box.begin.z, box.end.z);
    for (std::int64_t y = 0; y < size.y;) {
      const Interval rows = group_of(y, box.begin.y, box.end.y);
      for (z = planes.begin; z < planes.end; ++z)
        for (y = rows.begin; y < rows.end; ++y) row(z, y);
    }
  }
}
