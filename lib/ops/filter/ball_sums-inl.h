// Sums over balls, included by `box_moments_rows.cpp` for each vector target. No include guard: see there.
//
// They are added anew for every voxel, nearest planes and rows first to last, so that no rounding (and no
// NaN) is carried along.

/// Of the values of a block as type `Sum`.
template <class T, class Sum>
class BallSums {
 public:
  BallSums(const ConstBlock& in, const Footprint& footprint) : in_(in), footprint_(footprint) {}

  /// The sums around row (z, y), for every x.
  void sums(std::int64_t z, std::int64_t y, Sum* out) {
    const std::int64_t nx = in_.shape().x;
    const Extent3 reach = footprint_.reach();
    std::fill_n(out, nx, Sum{0});
    for (std::int64_t dz = -reach.z; dz <= reach.z; ++dz)
      for (std::int64_t dy = -reach.y; dy <= reach.y; ++dy) {
        const T* row = reinterpret_cast<const T*>(in_.row(z + dz, y + dy));
        const std::int64_t half = footprint_.chord(dz, dy);
        for (std::int64_t dx = -half; dx <= half; ++dx) add_voxels(out, row + dx, nx);
      }
  }

 private:
  void add_voxels(Sum* sum, const T* row, std::int64_t n) const {
#pragma GCC ivdep
    for (std::int64_t i = 0; i < n; ++i) sum[i] = static_cast<Sum>(sum[i] + value_of<T, Sum, false>(row[i]));
  }

  ConstBlock in_;
  const Footprint& footprint_;
};
