// Sums over boxes that run along all three axes, included by `box_moments_rows.cpp` for each vector target.
// No include guard: see there.
//
// What enters is added, what leaves is subtracted, modulo a power of two that the sums fit: no rounding, so
// the order does not show. From plane to plane go the sums along z and y, one row of them for every row of
// the block; each changes by two sums along y, of the plane that enters less that of the plane that leaves,
// which run from row to row.

/// Of integers, or of their squares, as type `Sum`. Planes and rows are asked for in order.
template <class T, class Sum, bool kSquare>
class RunningSums {
 public:
  /// `state`: of `running_sums_bytes` for the block's rows and columns; as the block before left it, unless
  /// the sums begin here. `row`: a row of sums.
  RunningSums(const ConstBlock& in, const Extent3& reach, std::byte* state, std::byte* row, bool begins)
      : in_(in),
        reach_(reach),
        width_(in.shape().x + 2 * reach.x),
        stride_(scratch_row_bytes(width_, sizeof(Sum)) / std::int64_t{sizeof(Sum)}),
        state_(reinterpret_cast<Sum*>(state)),
        change_(reinterpret_cast<Sum*>(row)),
        begins_(begins) {}

  /// The sums around row (z, y), for every x.
  void sums(std::int64_t z, std::int64_t y, Sum* out) {
    Sum* state = state_ + y * stride_;
    if (y == 0 && z == 0 && begins_) begin_state();
    if (z > 0 || !begins_) go_to_row<true>(z + reach_.z, z - reach_.z - 1, y, state);
    const std::int64_t window = 2 * reach_.x + 1;
    const std::int64_t nx = in_.shape().x;
    if (window == 3) return add_along<3>(state, out, nx);
    if (window == 5) return add_along<5>(state, out, nx);
    run_along(state, out, nx, window);
  }

 private:
  static auto value(T voxel) { return value_of<T, Sum, kSquare>(voxel); }

  const T* voxels(std::int64_t z, std::int64_t y) const {
    return reinterpret_cast<const T*>(in_.row(z, y)) - reach_.x;
  }

  void begin_state() {
    const std::int64_t ny = in_.shape().y;
    std::fill_n(state_, ny * stride_, Sum{0});
    for (std::int64_t z = -reach_.z; z <= reach_.z; ++z)
      for (std::int64_t y = 0; y < ny; ++y) go_to_row<false>(z, 0, y, state_ + y * stride_);
  }

  /// Adds to the row of `state` what plane `enters` has around row y, and subtracts what `leaves` has, if
  /// there is one.
  template <bool kLeaves>
  void go_to_row(std::int64_t enters, std::int64_t leaves, std::int64_t y, Sum* state) {
    if (y > 0) {
      const T* leaves_after = kLeaves ? voxels(leaves, y + reach_.y) : nullptr;
      const T* leaves_before = kLeaves ? voxels(leaves, y - reach_.y - 1) : nullptr;
      change_by<kLeaves>(voxels(enters, y + reach_.y), leaves_before, voxels(enters, y - reach_.y - 1),
                         leaves_after, state);
      return;
    }
    std::fill_n(change_, width_, Sum{0});
    for (std::int64_t dy = -reach_.y; dy <= reach_.y; ++dy)
      change_by(voxels(enters, dy), kLeaves ? voxels(leaves, dy) : nullptr);
    add_row(state, change_, width_);
  }

  /// `change` becomes more by a (and b), less by c (and d), the state by all of `change`. Two values, also
  /// squares, fit their type: half as many become wider.
  template <bool kFour>
  void change_by(const T* a, const T* b, const T* c, const T* d, Sum* state) {
    Sum* change = change_;
#pragma GCC ivdep
    for (std::int64_t i = 0; i < width_; ++i) {
      auto more = value(a[i]);
      auto less = value(c[i]);
      if (kFour) {
        more = static_cast<decltype(more)>(more + value(b[i]));
        less = static_cast<decltype(less)>(less + value(d[i]));
      }
      change[i] = static_cast<Sum>(change[i] + (static_cast<Sum>(more) - static_cast<Sum>(less)));
      state[i] = static_cast<Sum>(state[i] + change[i]);
    }
  }

  /// `change` becomes more by a, less by b where there is one.
  void change_by(const T* a, const T* b) {
    Sum* change = change_;
    if (b == nullptr) {
#pragma GCC ivdep
      for (std::int64_t i = 0; i < width_; ++i)
        change[i] = static_cast<Sum>(change[i] + static_cast<Sum>(value(a[i])));
      return;
    }
#pragma GCC ivdep
    for (std::int64_t i = 0; i < width_; ++i)
      change[i] =
          static_cast<Sum>(change[i] + (static_cast<Sum>(value(a[i])) - static_cast<Sum>(value(b[i]))));
  }

  template <int kWindow>
  static void add_along(const Sum* row, Sum* out, std::int64_t nx) {
#pragma GCC ivdep
    for (std::int64_t i = 0; i < nx; ++i) {
      Sum sum = row[i];
      for (int k = 1; k < kWindow; ++k) sum = static_cast<Sum>(sum + row[i + k]);
      out[i] = sum;
    }
  }

  /// Sums of what enters less what leaves, a vector at a time: within it by shifts, and on from the last sum.
  static void run_along(const Sum* row, Sum* out, std::int64_t nx, std::int64_t window) {
    Sum sum = 0;
    for (std::int64_t i = 0; i < window; ++i) sum = static_cast<Sum>(sum + row[i]);
    out[0] = sum;
    std::int64_t i = 1;
#if HWY_TARGET != HWY_SCALAR
    const hn::CappedTag<Sum, 32 / sizeof(Sum)> d;
    const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
    auto last = hn::Set(d, sum);
    for (; i + lanes <= nx; i += lanes) {
      const auto enters = hn::LoadU(d, row + i - 1 + window);
      const auto change = running(d, hn::Sub(enters, hn::LoadU(d, row + i - 1)));
      hn::StoreU(hn::Add(last, change), d, out + i);
      last = hn::Add(last, last_of_all(d, change));
    }
#endif
    for (; i < nx; ++i) out[i] = static_cast<Sum>(out[i - 1] + (row[i - 1 + window] - row[i - 1]));
  }

#if HWY_TARGET != HWY_SCALAR
  static constexpr int kBlockLanes = 16 / sizeof(Sum);

  /// Each lane with all before it.
  template <class D>
  static hn::Vec<D> running(D d, hn::Vec<D> v) {
    v = hn::Add(v, hn::ShiftLeftLanes<1>(d, v));
    if constexpr (kBlockLanes == 4) v = hn::Add(v, hn::ShiftLeftLanes<2>(d, v));
    if constexpr (hn::MaxLanes(d) > kBlockLanes)
      v = hn::Add(v, hn::ConcatLowerLower(d, hn::Broadcast<kBlockLanes - 1>(v), hn::Zero(d)));
    return v;
  }

  template <class D>
  static hn::Vec<D> last_of_all([[maybe_unused]] D d, hn::Vec<D> v) {
    v = hn::Broadcast<kBlockLanes - 1>(v);
    if constexpr (hn::MaxLanes(d) > kBlockLanes) v = hn::ConcatUpperUpper(d, v, v);
    return v;
  }
#endif

  ConstBlock in_;
  Extent3 reach_;
  std::int64_t width_;
  std::int64_t stride_;
  Sum* state_;   ///< along z and y, of every row
  Sum* change_;  ///< along y, of the plane that enters less that of the plane that leaves
  bool begins_;
};
