// Extremes over boxes, included by `extreme_rows.cpp` for each vector target. No include guard: see there.

/// A box: extremes along z of every row, then along y, then along x, for some planes at a time.
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
        rows_(out.shape().y + 2 * reach.y),
        along_z_(window_steps(2 * reach.z + 1)),
        along_y_(window_steps(2 * reach.y + 1)),
        along_x_(window_steps(2 * reach.x + 1)),
        planes_(reinterpret_cast<Key*>(scratch)),
        column_(planes_ + box_planes_at_once(out.shape(), reach) * rows_ * stride_) {}

  void run() {
    const Extent3 size = out_.shape();
    const std::int64_t at_once = box_planes_at_once(size, reach_);
    for (std::int64_t z = 0; z < size.z; z += at_once) {
      const std::int64_t count = std::min(at_once, size.z - z);
      for (std::int64_t y = 0; y < rows_; ++y) reduce_z(z, count, y);
      for (std::int64_t i = 0; i < count; ++i) {
        reduce_y(i);
        for (std::int64_t y = 0; y < size.y; ++y)
          reduce_x(plane_row(i, y), reinterpret_cast<T*>(out_.row(z + i, y)));
      }
    }
  }

 private:
  Key* plane_row(std::int64_t plane, std::int64_t y) { return planes_ + (plane * rows_ + y) * stride_; }

  void reduce_z(std::int64_t z, std::int64_t count, std::int64_t y) {
    std::int64_t left = count + 2 * reach_.z;
    for (std::size_t s = 0; s < along_z_.size(); ++s) {
      const WindowStep& step = along_z_[s];
      left -= step.offsets[static_cast<std::size_t>(step.count - 1)];
      const bool last = s + 1 == along_z_.size();
      for (std::int64_t i = 0; i < left; ++i) {
        Key* target = last ? plane_row(i, y) : column_ + i * stride_;
        const auto voxels_at = [&](std::int64_t offset) {
          return reinterpret_cast<const T*>(in_.row(z + i + offset - reach_.z, y - reach_.y)) - reach_.x;
        };
        const auto keys_at = [&](std::int64_t offset) { return column_ + (i + offset) * stride_; };
        if (s == 0)
          R::enter(rows_of<T>(step, voxels_at), step.count, target, width_);
        else
          R::go_on(rows_of<Key>(step, keys_at), step.count, target, width_);
      }
    }
  }

  void reduce_y(std::int64_t plane) {
    std::int64_t left = rows_;
    for (const WindowStep& step : along_y_) {
      if (step.count == 1) continue;
      left -= step.offsets[static_cast<std::size_t>(step.count - 1)];
      for (std::int64_t y = 0; y < left; ++y)
        R::go_on(rows_of<Key>(step, [&](std::int64_t offset) { return plane_row(plane, y + offset); }),
                 step.count, plane_row(plane, y), width_);
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
  std::int64_t rows_;    ///< of a plane with its margins
  std::vector<WindowStep> along_z_, along_y_, along_x_;
  Key* planes_;
  Key* column_;  ///< one row of all planes
};
