// Extremes over boxes, included by `extreme_rows.cpp` for each vector target. No include guard: see there.

/// A box: extremes along z of every row, then along y, then along x, for some planes and rows at a time.
template <class T, bool kMax>
class Box {
  using R = Rows<T, kMax>;
  using Key = typename R::Key;

 public:
  Box(const ConstBlock& in, const Block& out, const Extent3& reach, std::byte* scratch)
      : in_(in),
        out_(out),
        reach_(reach),
        width_(out.shape().x + 2 * reach.x),
        stride_(scratch_row_bytes(width_, sizeof(Key)) / std::int64_t{sizeof(Key)}),
        kept_(kBoxGroup + 2 * reach.y),
        along_x_(window_steps(2 * reach.x + 1)),
        along_z_(reinterpret_cast<Key*>(scratch)),
        along_y_(along_z_ + std::min(kBoxGroup, out.shape().z) * kept_ * stride_),
        common_(along_y_ + kBoxGroup * stride_) {}

  void run() {
    const Extent3 size = out_.shape();
    for (std::int64_t z = 0; z < size.z; z += kBoxGroup)
      for (std::int64_t y = 0; y < size.y; y += kBoxGroup)
        reduce(z, std::min(kBoxGroup, size.z - z), y, std::min(kBoxGroup, size.y - y));
  }

 private:
  void reduce(std::int64_t z, std::int64_t planes, std::int64_t y, std::int64_t rows) {
    const std::int64_t first_new = y == 0 ? -reach_.y : y + reach_.y;
    for (std::int64_t row = first_new; row < y + rows + reach_.y; ++row)
      reduce_windows<T>(
          reach_.z, planes,
          [&](std::int64_t k) {
            return reinterpret_cast<const T*>(in_.row(z - reach_.z + k, row)) - reach_.x;
          },
          [&](std::int64_t plane) { return along_z(plane, row); });
    for (std::int64_t plane = 0; plane < planes; ++plane) {
      reduce_windows<Key>(
          reach_.y, rows, [&](std::int64_t k) -> const Key* { return along_z(plane, y - reach_.y + k); },
          [&](std::int64_t row) { return along_y_ + row * stride_; });
      for (std::int64_t row = 0; row < rows; ++row)
        reduce_x(along_y_ + row * stride_, reinterpret_cast<T*>(out_.row(z + plane, y + row)));
    }
  }

  /// Where row `y` of plane `plane` of those at once is kept.
  Key* along_z(std::int64_t plane, std::int64_t y) const {
    return along_z_ + (plane * kept_ + (y + reach_.y) % kept_) * stride_;
  }

  /// `count` windows, that begin at the rows 0, 1, ...
  template <class In, class RowAt, class OutAt>
  void reduce_windows(std::int64_t reach, std::int64_t count, RowAt row_at, OutAt out_at) {
    std::int64_t first = 0;
    const auto groups_of = [&]<std::size_t kGroup>(Size<kGroup>) {
      constexpr auto kWindows = static_cast<std::int64_t>(kGroup);
      for (; first + kWindows <= count && kWindows <= 2 * reach + 1; first += kWindows)
        reduce_group<kGroup, In>(
            2 * reach + 1, [&](std::int64_t k) { return row_at(first + k); },
            [&](std::size_t k) { return out_at(first + static_cast<std::int64_t>(k)); });
    };
    groups_of(Size<8>());
    groups_of(Size<4>());
    groups_of(Size<2>());
    groups_of(Size<1>());
  }

  /// Windows of `size` rows that follow each other: what all of them hold is looked at once.
  template <std::size_t kGroup, class In, class RowAt, class OutAt>
  void reduce_group(std::int64_t size, RowAt row_at, OutAt out_at) {
    constexpr std::int64_t kFirst = kGroup - 1;
    Key* common = kGroup == 1 ? out_at(0) : common_;
    R::template gather<In>(
        size - kFirst, [&](std::int64_t k) { return row_at(kFirst + k); }, common, width_);
    if constexpr (kGroup > 1) {
      std::array<const In*, 2 * (kGroup - 1)> ends;
      std::array<Key*, kGroup> out;
      for (std::size_t k = 0; k < kGroup; ++k) out[k] = out_at(k);
      for (std::size_t k = 0; k + 1 < kGroup; ++k) {
        ends[k] = row_at(static_cast<std::int64_t>(k));
        ends[kGroup - 1 + k] = row_at(size + static_cast<std::int64_t>(k));
      }
      R::spread(common, ends, out, width_);
    }
  }

  void reduce_x(Key* row, T* out) {
    std::int64_t left = width_;
    for (std::size_t s = 0; s < along_x_.size(); ++s) {
      const WindowStep& step = along_x_[s];
      left -= step.offsets[static_cast<std::size_t>(step.count - 1)];
      const auto rows = rows_of<Key>(step, [&](std::int64_t offset) { return row + offset; });
      if (s + 1 == along_x_.size())
        R::leave(rows, step.count, out, left);
      else
        R::go_on(rows, step.count, row, left);
    }
  }

  ConstBlock in_;
  Block out_;
  Extent3 reach_;
  std::int64_t width_;   ///< of a row with its margins
  std::int64_t stride_;  ///< from one row of keys to the next
  std::int64_t kept_;    ///< rows of each plane that are kept, reduced along z
  std::vector<WindowStep> along_x_;
  Key* along_z_;
  Key* along_y_;  ///< a group of rows
  Key* common_;   ///< of the windows of a group
};
