// Extremes over balls and crosses, included by `extreme_rows.cpp` for each vector target. No include guard:
// see there.
//
// A ball is a nest of chords: where a row (dy) has chords of at least +-h, it has them for all |dz| up to
// some depth. So every row is first reduced along z to all depths, and these rows wait in a ring for the 2 ry
// + 1 rows of the result that use them. A row of the result then collects, from the longest chords to the
// shortest, the rows whose chords are that long, and grows by one voxel to either side before the next
// shorter ones come in.

/// For one length of chords: the row dy belongs with its extreme along z to that depth.
struct ChordRow {
  std::int64_t dy;
  std::int64_t depth;
};

/// By the half length of the chords. A row is left out where longer chords reach as deep already.
inline std::vector<std::vector<ChordRow>> chord_rows(const Footprint& footprint) {
  const Extent3 reach = footprint.reach();
  std::vector<std::vector<ChordRow>> levels(static_cast<std::size_t>(reach.x + 1));
  for (std::int64_t dy = -reach.y; dy <= reach.y; ++dy) {
    std::int64_t before = -1;
    for (std::int64_t half = reach.x; half >= 0; --half) {
      std::int64_t depth = before;
      while (depth < reach.z && footprint.chord(depth + 1, dy) >= half) ++depth;
      if (depth > before) levels[static_cast<std::size_t>(half)].push_back({dy, depth});
      before = depth;
    }
  }
  return levels;
}

template <class T, bool kMax>
class Chords {
  using R = Rows<T, kMax>;
  using Key = typename R::Key;

 public:
  Chords(const ConstBlock& in, const Block& out, const Footprint& footprint, std::byte* scratch)
      : in_(in),
        out_(out),
        reach_(footprint.reach()),
        width_(out.shape().x + 2 * reach_.x),
        stride_(scratch_row_bytes(width_, sizeof(Key)) / std::int64_t{sizeof(Key)}),
        levels_(chord_rows(footprint)),
        ring_(reinterpret_cast<Key*>(scratch)),
        row_(ring_ + (2 * reach_.y + 1) * (reach_.z + 1) * stride_) {}

  void run() {
    const Extent3 size = out_.shape();
    for (std::int64_t z = 0; z < size.z; ++z) {
      for (std::int64_t y = -reach_.y; y < reach_.y; ++y) reduce_z(z, y);
      for (std::int64_t y = 0; y < size.y; ++y) {
        reduce_z(z, y + reach_.y);
        collect(y, reinterpret_cast<T*>(out_.row(z, y)));
      }
    }
  }

 private:
  /// Divisions take longer than a row: one for a row of voxels and one for a row of the result.
  std::int64_t slot_of(std::int64_t y) const { return (y + reach_.y) % (2 * reach_.y + 1); }
  Key* ring_row(std::int64_t slot, std::int64_t depth) const {
    return ring_ + (slot * (reach_.z + 1) + depth) * stride_;
  }
  const T* voxels(std::int64_t z, std::int64_t y) const {
    return reinterpret_cast<const T*>(in_.row(z, y)) - reach_.x;
  }

  void reduce_z(std::int64_t z, std::int64_t y) {
    Key* const rows = ring_row(slot_of(y), 0);
    const T* centre = voxels(z, y);
    const std::int64_t at_once = std::min<std::int64_t>(reach_.z, 3);
    if (at_once == 0) R::enter(centre, rows, width_);
    if (at_once == 1) grow<1, 2>(z, y, 0, centre, rows);
    if (at_once == 2) grow<2, 3>(z, y, 0, centre, rows);
    if (at_once == 3) grow<3, 4>(z, y, 0, centre, rows);
    std::int64_t depth = at_once;
    const auto row = [&](std::int64_t k) { return rows + k * stride_; };
    for (; depth + 3 <= reach_.z; depth += 3) grow<3, 3>(z, y, depth, row(depth), row(depth + 1));
    if (depth + 2 == reach_.z) grow<2, 2>(z, y, depth, row(depth), row(depth + 1));
    if (depth + 1 == reach_.z) grow<1, 1>(z, y, depth, row(depth), row(depth + 1));
  }

  /// So many depths more, to rows from `first` on.
  template <std::size_t kSteps, std::size_t kOut, class In>
  void grow(std::int64_t z, std::int64_t y, std::int64_t depth, const In* centre, Key* first) {
    std::array<const T*, 2 * kSteps> rows;
    std::array<Key*, kOut> out;
    for (std::size_t step = 0; step < kSteps; ++step) {
      const std::int64_t reached = depth + 1 + static_cast<std::int64_t>(step);
      rows[2 * step] = voxels(z - reached, y);
      rows[2 * step + 1] = voxels(z + reached, y);
    }
    for (std::size_t k = 0; k < kOut; ++k) out[k] = first + static_cast<std::int64_t>(k) * stride_;
    R::template grow<kSteps>(centre, rows, out, width_);
  }

  /// Each level takes in the rows of its length and, grown by one voxel, what the longer ones came to.
  void collect(std::int64_t y, T* out) {
    std::int64_t left = width_;
    std::int64_t start = 0;  // of row_[0] in a row of the ring
    RowList<Key> rows{};
    int count = 0;
    const std::int64_t slot = slot_of(y);
    const auto row_at = [&](const ChordRow& row) {
      std::int64_t at = slot + row.dy;
      if (at < 0) at += 2 * reach_.y + 1;
      if (at > 2 * reach_.y) at -= 2 * reach_.y + 1;
      return ring_row(at, row.depth);
    };
    const auto add = [&](const Key* row) {
      if (count == kMostRows) {
        R::go_on(rows, count, row_, left);
        rows[0] = row_;
        count = 1;
      }
      rows[static_cast<std::size_t>(count++)] = row;
    };
    for (std::int64_t half = reach_.x; half >= 0; --half) {
      for (const ChordRow& row : levels_[static_cast<std::size_t>(half)]) add(row_at(row) + start);
      if (half == 0) return R::leave(rows, count, out, out_.shape().x);
      const Key* longer = rows[0];
      if (count > 1) {
        R::go_on(rows, count, row_, left);
        longer = row_;
      }
      left -= 2;
      ++start;
      rows = {longer, longer + 1, longer + 2};
      count = 3;
    }
  }

  ConstBlock in_;
  Block out_;
  Extent3 reach_;
  std::int64_t width_;
  std::int64_t stride_;
  std::vector<std::vector<ChordRow>> levels_;
  Key* ring_;  ///< by row, then by depth
  Key* row_;
};
