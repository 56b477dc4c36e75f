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

template <bool kSquare, class D, class T>
HWY_INLINE hn::Vec<D> value_at(D d, const T* row, std::int64_t i) {
  const auto value = load_doubles(d, row + i);
  return kSquare ? hn::Mul(value, value) : value;
}

/// The values of a row, or their squares, as doubles.
template <bool kSquare, class T>
void copy_row(const T* row, std::int64_t n, double* out) {
  const hn::ScalableTag<double> d;
  const hn::CappedTag<double, 1> one;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(value_at<kSquare>(d, row, i), d, out + i);
  for (; i < n; ++i) hn::StoreU(value_at<kSquare>(one, row, i), one, out + i);
}

/// Vectors of doubles for which a row is looked at before the next one is: two cache lines of float.
constexpr std::int64_t kVectorsAtOnce = 8;

/// Asks for the voxels behind `kVectors` vectors. So many rows are more than the processor foresees.
template <std::int64_t kVectors, class T>
HWY_INLINE void fetch_ahead(const T* voxels, std::int64_t lanes) {
  constexpr auto kLine = std::int64_t{64} / std::int64_t{sizeof(T)};
  for (std::int64_t k = 0; k < kVectors * lanes; k += kLine) hwy::Prefetch(voxels + kVectors * lanes + k);
}

/// The sums over windows 0 to 3 for `kVectors` vectors at `i`. `kShare`: the windows have rows in common.
template <bool kSquare, bool kShare, std::int64_t kVectors, class D, class T>
HWY_INLINE void sum_windows(D d, const T* const* rows, std::int64_t window, std::int64_t i,
                            double* const* out) {
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  hn::Vec<D> common[kVectors];
  if constexpr (kShare) {
#pragma GCC unroll 8
    for (std::int64_t v = 0; v < kVectors; ++v)
      common[v] = value_at<kSquare>(d, rows[kGroup - 1], i + v * lanes);
    for (std::int64_t k = kGroup; k < window; ++k) {
      if constexpr (kVectors > 1 && !std::is_same_v<T, double>) fetch_ahead<kVectors>(rows[k] + i, lanes);
#pragma GCC unroll 8
      for (std::int64_t v = 0; v < kVectors; ++v)
        common[v] = hn::Add(common[v], value_at<kSquare>(d, rows[k], i + v * lanes));
    }
  }
  const T* const* behind = rows + window;
#pragma GCC unroll 8
  for (std::int64_t v = 0; v < kVectors; ++v) {
    const std::int64_t at = i + v * lanes;
    const auto with_common = [&](hn::Vec<D> sum) __attribute__((always_inline)) {
      return kShare ? hn::Add(common[v], sum) : sum;
    };
    const auto before2 = value_at<kSquare>(d, rows[2], at);
    const auto before1 = hn::Add(value_at<kSquare>(d, rows[1], at), before2);
    const auto before0 = hn::Add(value_at<kSquare>(d, rows[0], at), before1);
    const auto behind0 = value_at<kSquare>(d, behind[0], at);
    const auto behind1 = hn::Add(behind0, value_at<kSquare>(d, behind[1], at));
    const auto behind2 = hn::Add(behind1, value_at<kSquare>(d, behind[2], at));
    hn::StoreU(with_common(before0), d, out[0] + at);
    hn::StoreU(hn::Add(with_common(before1), behind0), d, out[1] + at);
    hn::StoreU(hn::Add(with_common(before2), behind1), d, out[2] + at);
    hn::StoreU(with_common(behind2), d, out[3] + at);
  }
}

/// The sums over windows 0 to 3 of `window` >= 3 rows of `n` values, that each begin one row further.
template <bool kSquare, bool kShare, class T>
void sum_all_windows(const T* const* rows, std::int64_t window, std::int64_t n, double* const* out) {
  const hn::ScalableTag<double> d;
  const hn::CappedTag<double, 1> one;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t i = 0;
  for (; i + kVectorsAtOnce * lanes <= n; i += kVectorsAtOnce * lanes)
    sum_windows<kSquare, kShare, kVectorsAtOnce>(d, rows, window, i, out);
  for (; i + lanes <= n; i += lanes) sum_windows<kSquare, kShare, 1>(d, rows, window, i, out);
  for (; i < n; ++i) sum_windows<kSquare, kShare, 1>(one, rows, window, i, out);
}

/// The same for windows of any size.
template <bool kSquare, class T>
void sum_group(const T* const* rows, std::int64_t window, std::int64_t n, double* const* out) {
  if (window > 3) return sum_all_windows<kSquare, true>(rows, window, n, out);
  if (window == 3) return sum_all_windows<kSquare, false>(rows, window, n, out);
  for (std::int64_t k = 0; k < kGroup; ++k) copy_row<kSquare>(rows[k], n, out[k]);
}

/// The sums over windows along a row of n + window - 1 values, which are lost.
inline void sum_along(double* row, std::int64_t window, std::int64_t n, double* out) {
  if (window == 3) {
#pragma GCC ivdep
    for (std::int64_t i = 0; i < n; ++i) out[i] = row[i] + row[i + 1] + row[i + 2];
    return;
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
      sum_group<kSquare>(planes_.data(), 2 * reach_.z + 1, width_, out);
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
    sum_group<false>(rows_.data(), 2 * reach_.y + 1, width_, out);
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
