// Ranks in boxes, included by `rank_codes.cpp` for each vector target. No include guard: see there.

/// The lower bits of those voxels of the window whose upper bits are `segment`, counted.
template <class Count>
class LowerCounts {
 public:
  /// `stride` bytes of each column: first the upper bits of its `size` voxels, from the middle on the lower
  /// ones.
  LowerCounts(const std::uint8_t* columns, std::int64_t stride, std::int64_t size)
      : columns_(columns), stride_(stride), size_(size) {}

  void forget() { segment_ = -1; }

  /// Counts for the window of columns [x, x + width). REQUIRES: called for every x in turn since `forget`.
  const ByteCounts<Count>& at(std::int64_t x, std::int64_t width, std::uint8_t segment) {
    if (segment == segment_) {
      add(x + width - 1, 1);
      add(x - 1, static_cast<Count>(-1));
    } else {
      segment_ = segment;
      counts_.clear();
      for (std::int64_t i = x; i < x + width; ++i) add(i, 1);
    }
    return counts_;
  }

 private:
  void add(std::int64_t column, Count times) {
    const std::uint8_t* upper_bits = columns_ + column * stride_;
    const std::uint8_t* lower_bits = upper_bits + stride_ / 2;
    for (std::int64_t i = 0; i < size_; i += 64) {
      std::uint64_t equal = equal_bits(upper_bits + i, static_cast<std::uint8_t>(segment_));
      if (size_ - i < 64) equal &= (std::uint64_t{1} << (size_ - i)) - 1;
      for (; equal != 0; equal &= equal - 1) counts_.add(lower_bits[i + std::countr_zero(equal)], times);
    }
  }

  const std::uint8_t* columns_;
  std::int64_t stride_;
  std::int64_t size_;
  int segment_ = -1;
  ByteCounts<Count> counts_;
};

template <class T, class Count>
class RankBox {
  using C = Codes<T>;
  using Code = typename C::Code;
  static constexpr bool kWide = sizeof(T) == 2;

 public:
  RankBox(const ConstBlock& in, const Block& out, const Extent3& reach, std::int64_t rank, bool nan,
          std::byte* scratch)
      : in_(in),
        out_(out),
        reach_(reach),
        rank_(rank),
        nan_(nan),
        depth_(2 * reach.z + 1),
        counts_(reinterpret_cast<ByteCounts<Count>*>(scratch)),
        bytes_(reinterpret_cast<std::uint8_t*>(counts_ + rank_box_columns(reach))),
        stride_(rank_box_bytes(reach)),
        lower_(bytes_, stride_, depth_ * (2 * reach.y + 1)) {}

  void run() {
    const Extent3 size = out_.shape();
    for (first_ = 0; first_ < size.x; first_ += width_) {
      width_ = std::min(kRankBoxTile, size.x - first_);
      for (std::int64_t z = 0; z < size.z; ++z) run_plane(z);
    }
  }

 private:
  void run_plane(std::int64_t z) {
    for (std::int64_t x = 0; x < columns(); ++x) counts_[x].clear();
    for (std::int64_t y = -reach_.y; y < reach_.y; ++y) add_row(z, y, 1);
    for (std::int64_t y = 0; y < out_.shape().y; ++y) {
      add_row(z, y + reach_.y, 1);
      run_row(reinterpret_cast<T*>(out_.row(z, y)) + first_);
      add_row(z, y - reach_.y, static_cast<Count>(-1));
    }
  }

  /// The row with its neighbours along z comes into the columns, or leaves them.
  void add_row(std::int64_t z, std::int64_t y, Count times) {
    const std::int64_t place = (y + reach_.y) % (2 * reach_.y + 1) * depth_;
    for (std::int64_t dz = 0; dz < depth_; ++dz) {
      const T* row = reinterpret_cast<const T*>(in_.row(z + dz - reach_.z, y)) + first_ - reach_.x;
      std::uint8_t* bytes = bytes_ + place + dz;
      const std::int64_t count = columns();
      for (std::int64_t x = 0; x < count; ++x) {
        const Code code = C::load(row[x]);
        counts_[x].add(upper(code), times);
        if constexpr (kWide) {
          if (times == 1) {
            bytes[x * stride_] = upper(code);
            bytes[x * stride_ + stride_ / 2] = static_cast<std::uint8_t>(code);
          }
        }
      }
    }
  }

  void run_row(T* out) {
    const std::int64_t window = 2 * reach_.x + 1;
    window_ = counts_[0];
    for (std::int64_t x = 1; x < window; ++x) window_.add(counts_[x]);
    lower_.forget();
    for (std::int64_t x = 0; x < width_; ++x) {
      if (x != 0) window_.replace(counts_[x - 1], counts_[x + window - 1]);
      out[x] = C::store(select(x, window));
    }
  }

  Code select(std::int64_t x, std::int64_t window) {
    std::int64_t rank = rank_;
    std::uint8_t segment = value_at(window_, rank);
    if constexpr (kWide) {
      if (nan_ && window_.values[kNanBits] != 0) {
        segment = kNanBits;
        rank = static_cast<std::int64_t>(window_.values[kNanBits]) - 1;
      }
      const std::uint8_t low = value_at(lower_.at(x, window, segment), rank);
      return static_cast<Code>(segment << 8 | low);
    } else {
      return segment;
    }
  }

  std::int64_t columns() const { return width_ + 2 * reach_.x; }

  ConstBlock in_;
  Block out_;
  Extent3 reach_;
  std::int64_t rank_;
  bool nan_;
  std::int64_t depth_;
  ByteCounts<Count>* counts_;  ///< of every column
  std::uint8_t* bytes_;        ///< of every column
  std::int64_t stride_;
  LowerCounts<Count> lower_;
  ByteCounts<Count> window_;
  std::int64_t first_ = 0;  ///< of the tile along x
  std::int64_t width_ = 0;
};
