// Sums over boxes and balls, included by `box_moments_rows.cpp` for each vector target. No include guard: see
// there.
//
// Integers run: what enters is added, what leaves is subtracted, modulo a power of two that the sum fits.
// Doubles are added anew for every voxel, nearest planes and rows first to last, so that no rounding (and no
// NaN) is carried along.

template <class Sum>
void add_row(Sum* sum, const Sum* row, std::int64_t n) {
#pragma GCC ivdep
  for (std::int64_t i = 0; i < n; ++i) sum[i] = static_cast<Sum>(sum[i] + row[i]);
}

/// Of the values of a block, or of their squares, as type `Sum`. Planes and rows are asked for in order.
template <class T, class Sum, bool kSquare>
class WindowSums {
 public:
  static constexpr bool kRuns = std::is_integral_v<Sum>;

  WindowSums(const ConstBlock& in, const Footprint& footprint, std::byte* scratch)
      : in_(in),
        footprint_(footprint),
        reach_(footprint.reach()),
        width_(in.shape().x + 2 * reach_.x),
        stride_(scratch_row_bytes(width_, sizeof(Sum)) / std::int64_t{sizeof(Sum)}),
        rows_(in.shape().y + 2 * reach_.y),
        columns_(reinterpret_cast<Sum*>(scratch)),
        plane_(columns_ + rows_ * stride_) {}

  /// The sums around row (z, y), for every x.
  void sums(std::int64_t z, std::int64_t y, Sum* out) {
    const std::int64_t nx = in_.shape().x;
    if (footprint_.shape() != Shape::box) return sum_ball(z, y, out, nx);
    for (std::int64_t row = y == 0 ? 0 : y + 2 * reach_.y; row <= y + 2 * reach_.y; ++row)
      go_to_plane(z, row);
    go_to_row(y);
    const std::int64_t window = 2 * reach_.x + 1;
    if (window == 3) return add_along<3>(out, nx);
    if (window == 5) return add_along<5>(out, nx);
    if (kRuns && window > 7) return run_along(out, nx, window);
    std::copy_n(plane_, nx, out);
    for (std::int64_t k = 1; k < window; ++k) add_row(out, plane_ + k, nx);
  }

 private:
  static Sum value_of(T voxel) {
    if constexpr (kSquare && std::is_integral_v<T> && sizeof(T) <= 2) {
      const auto value = static_cast<std::uint32_t>(static_cast<std::int32_t>(voxel));
      const std::uint32_t square = value * value;
      return static_cast<Sum>(square);
    } else {
      const auto value = static_cast<Sum>(static_cast<Widened>(voxel));
      return kSquare ? static_cast<Sum>(value * value) : value;
    }
  }
  using Widened = std::conditional_t<std::is_same_v<T, float16>, float, T>;

  const T* voxels(std::int64_t z, std::int64_t y) const {
    return reinterpret_cast<const T*>(in_.row(z, y)) - reach_.x;
  }

  void add_voxels(Sum* sum, const T* row, std::int64_t n) const {
#pragma GCC ivdep
    for (std::int64_t i = 0; i < n; ++i) sum[i] = static_cast<Sum>(sum[i] + value_of(row[i]));
  }

  /// The sums along z of row `y` of the margins and the block, just before they are needed: they stay near.
  void go_to_plane(std::int64_t z, std::int64_t y) {
    Sum* sum = columns_ + y * stride_;
    if (kRuns && z > 0 && reach_.z > 1) {
      const T* enters = voxels(z + reach_.z, y - reach_.y);
      const T* leaves = voxels(z - 1 - reach_.z, y - reach_.y);
#pragma GCC ivdep
      for (std::int64_t i = 0; i < width_; ++i)
        sum[i] = static_cast<Sum>(sum[i] + value_of(enters[i]) - value_of(leaves[i]));
    } else if (reach_.z == 1) {
      const T* before = voxels(z - 1, y - reach_.y);
      const T* at = voxels(z, y - reach_.y);
      const T* behind = voxels(z + 1, y - reach_.y);
#pragma GCC ivdep
      for (std::int64_t i = 0; i < width_; ++i)
        sum[i] = static_cast<Sum>(value_of(before[i]) + value_of(at[i]) + value_of(behind[i]));
    } else {
      std::fill_n(sum, width_, Sum{0});
      for (std::int64_t dz = -reach_.z; dz <= reach_.z; ++dz)
        add_voxels(sum, voxels(z + dz, y - reach_.y), width_);
    }
  }

  void go_to_row(std::int64_t y) {
    if (kRuns && y > 0) {
      const Sum* enters = columns_ + (y + 2 * reach_.y) * stride_;
      const Sum* leaves = columns_ + (y - 1) * stride_;
#pragma GCC ivdep
      for (std::int64_t i = 0; i < width_; ++i)
        plane_[i] = static_cast<Sum>(plane_[i] + enters[i] - leaves[i]);
    } else {
      std::copy_n(columns_ + y * stride_, width_, plane_);
      for (std::int64_t k = 1; k <= 2 * reach_.y; ++k) add_row(plane_, columns_ + (y + k) * stride_, width_);
    }
  }

  template <int kWindow>
  void add_along(Sum* out, std::int64_t nx) const {
#pragma GCC ivdep
    for (std::int64_t i = 0; i < nx; ++i) {
      Sum sum = plane_[i];
      for (int k = 1; k < kWindow; ++k) sum = static_cast<Sum>(sum + plane_[i + k]);
      out[i] = sum;
    }
  }

  /// Sums of what enters less what leaves, four (or two) at a time: within them by shifts, and on from the
  /// last sum.
  void run_along(Sum* out, std::int64_t nx, std::int64_t window) const {
    Sum sum = 0;
    for (std::int64_t i = 0; i < window; ++i) sum = static_cast<Sum>(sum + plane_[i]);
    out[0] = sum;
    std::int64_t i = 1;
#if HWY_TARGET != HWY_SCALAR
    if constexpr (kRuns) {
      const hn::CappedTag<Sum, 16 / sizeof(Sum)> d;
      constexpr std::int64_t kLanes = 16 / sizeof(Sum);
      auto last = hn::Set(d, sum);
      for (; i + kLanes <= nx; i += kLanes) {
        auto change = hn::Sub(hn::LoadU(d, plane_ + i - 1 + window), hn::LoadU(d, plane_ + i - 1));
        change = hn::Add(change, hn::ShiftLeftLanes<1>(d, change));
        if constexpr (kLanes == 4) change = hn::Add(change, hn::ShiftLeftLanes<2>(d, change));
        last = hn::Add(change, last);
        hn::StoreU(last, d, out + i);
        last = hn::Broadcast<kLanes - 1>(last);
      }
    }
#endif
    for (; i < nx; ++i) out[i] = static_cast<Sum>(out[i - 1] + (plane_[i - 1 + window] - plane_[i - 1]));
  }

  void sum_ball(std::int64_t z, std::int64_t y, Sum* out, std::int64_t nx) const {
    std::fill_n(out, nx, Sum{0});
    for (std::int64_t dz = -reach_.z; dz <= reach_.z; ++dz)
      for (std::int64_t dy = -reach_.y; dy <= reach_.y; ++dy) {
        const std::int64_t half = footprint_.chord(dz, dy);
        for (std::int64_t dx = -half; dx <= half; ++dx)
          add_voxels(out, voxels(z + dz, y + dy) + reach_.x + dx, nx);
      }
  }

  ConstBlock in_;
  const Footprint& footprint_;
  Extent3 reach_;
  std::int64_t width_;
  std::int64_t stride_;
  std::int64_t rows_;
  Sum* columns_;  ///< sums along z of every row with its margins
  Sum* plane_;    ///< sums along z and y of the current row
};
