// Sums over boxes of doubles and over balls, included by `box_moments_rows.cpp` for each vector target. No
// include guard: see there.
//
// They are added anew for every voxel, nearest planes and rows first to last, so that no rounding (and no
// NaN) is carried along.

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

/// Of the values of a block, or of their squares, as type `Sum`. Planes and rows are asked for in order.
template <class T, class Sum, bool kSquare>
class WindowSums {
 public:
  /// `columns`: a row of sums for every row of the block and its margins; `row`: one more.
  WindowSums(const ConstBlock& in, const Footprint& footprint, std::byte* columns, std::byte* row)
      : in_(in),
        footprint_(footprint),
        reach_(footprint.reach()),
        width_(in.shape().x + 2 * reach_.x),
        stride_(scratch_row_bytes(width_, sizeof(Sum)) / std::int64_t{sizeof(Sum)}),
        columns_(reinterpret_cast<Sum*>(columns)),
        plane_(reinterpret_cast<Sum*>(row)) {}

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
    std::copy_n(plane_, nx, out);
    for (std::int64_t k = 1; k < window; ++k) add_row(out, plane_ + k, nx);
  }

 private:
  static Sum value(T voxel) { return static_cast<Sum>(value_of<T, Sum, kSquare>(voxel)); }

  const T* voxels(std::int64_t z, std::int64_t y) const {
    return reinterpret_cast<const T*>(in_.row(z, y)) - reach_.x;
  }

  void add_voxels(Sum* sum, const T* row, std::int64_t n) const {
#pragma GCC ivdep
    for (std::int64_t i = 0; i < n; ++i) sum[i] = static_cast<Sum>(sum[i] + value(row[i]));
  }

  /// The sums along z of row `y` of the margins and the block, just before they are needed: they stay near.
  void go_to_plane(std::int64_t z, std::int64_t y) {
    Sum* sum = columns_ + y * stride_;
    if (reach_.z == 1) {
      const T* before = voxels(z - 1, y - reach_.y);
      const T* at = voxels(z, y - reach_.y);
      const T* behind = voxels(z + 1, y - reach_.y);
#pragma GCC ivdep
      for (std::int64_t i = 0; i < width_; ++i)
        sum[i] = static_cast<Sum>(value(before[i]) + value(at[i]) + value(behind[i]));
    } else {
      std::fill_n(sum, width_, Sum{0});
      for (std::int64_t dz = -reach_.z; dz <= reach_.z; ++dz)
        add_voxels(sum, voxels(z + dz, y - reach_.y), width_);
    }
  }

  void go_to_row(std::int64_t y) {
    std::copy_n(columns_ + y * stride_, width_, plane_);
    for (std::int64_t k = 1; k <= 2 * reach_.y; ++k) add_row(plane_, columns_ + (y + k) * stride_, width_);
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
  Sum* columns_;  ///< sums along z of every row with its margins
  Sum* plane_;    ///< sums along z and y of the current row
};
