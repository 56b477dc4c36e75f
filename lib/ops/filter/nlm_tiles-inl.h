// Non-local means of a tile at a time, included by `nlm_rows.cpp` for each vector target. No include guard:
// see there.
//
// For each offset of half the search box: the squared differences between the tile and itself moved by the
// offset, their sums over patches along z, y and x, of these the weights. A weight holds both ways: for the
// voxel at the offset and, seen from there, for the voxel it came from.

/// Calls `run(i)` for the beginnings of the vectors that cover n values.
template <class D, class Run>
void each_vector(D d, std::int64_t n, Run run) {
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  for (std::int64_t i = 0; i < n; i += lanes) run(i);
}

// The loops over a row stand in functions of their own: in the one that they are called from, registers would
// not suffice.

template <class F>
HWY_NOINLINE void square_differences(const F* here, const F* there, F* out, std::int64_t n) {
  const hn::ScalableTag<F> d;
  each_vector(d, n, [=](std::int64_t i) {
    const auto difference = hn::Sub(hn::LoadU(d, there + i), hn::LoadU(d, here + i));
    hn::StoreU(hn::Mul(difference, difference), d, out + i);
  });
}

/// Rows of a tile, at a voxel or at the one to which an offset leads.
template <class F>
struct ValuesAndWeights {
  const F* values;
  const F* weights;  ///< of the voxels there
};

/// Adds what the voxels ahead and behind add to those of a row.
template <class F>
HWY_NOINLINE void add_both(const F* centre, const ValuesAndWeights<F> ahead, const ValuesAndWeights<F> behind,
                           F* sums, F* totals, std::int64_t n) {
  const hn::ScalableTag<F> d;
  each_vector(d, n, [=](std::int64_t i) {
    const auto value = hn::LoadU(d, centre + i);
    const auto one = hn::LoadU(d, ahead.weights + i);
    const auto other = hn::LoadU(d, behind.weights + i);
    const auto more = hn::Add(hn::Mul(one, hn::Sub(hn::LoadU(d, ahead.values + i), value)),
                              hn::Mul(other, hn::Sub(hn::LoadU(d, behind.values + i), value)));
    hn::StoreU(hn::Add(hn::LoadU(d, sums + i), more), d, sums + i);
    hn::StoreU(hn::Add(hn::LoadU(d, totals + i), hn::Add(one, other)), d, totals + i);
  });
}

/// The vector at i of rows added up, first to last. kCount is their number, or 0: `count` is.
template <std::int64_t kCount, class D, class RowAt>
hn::Vec<D> sum_at(D d, RowAt row_at, std::int64_t count, std::int64_t i) {
  auto sum = hn::LoadU(d, row_at(0) + i);
  for (std::int64_t k = 1; k < (kCount > 0 ? kCount : count); ++k)
    sum = hn::Add(sum, hn::LoadU(d, row_at(k) + i));
  return sum;
}

/// The same for the n values of the rows; `take` gets each vector. Patches of radius 1 are the usual ones.
template <class F, class RowAt, class Take>
HWY_NOINLINE void sum_rows(RowAt row_at, std::int64_t count, std::int64_t n, Take take) {
  const hn::ScalableTag<F> d;
  if (count == 2)
    each_vector(d, n, [&](std::int64_t i) { take(d, sum_at<2>(d, row_at, 2, i), i); });
  else
    each_vector(d, n, [&](std::int64_t i) { take(d, sum_at<0>(d, row_at, count, i), i); });
}

/// How weights come from sums of squares of scaled differences.
template <class F>
struct NlmWeights {
  /// Values are scaled by a power of two, which changes no digit, so that squares neither over- nor
  /// underflow.
  NlmWeights(const Extent3& patch, double strength) {
    constexpr double kCutOff = 5;
    // scikit-image's constant: the chord between powers of two with the smallest mean error.
    constexpr double kShift = 60801.0 / (1 << 20);
    int exponent = 0;
    const double mantissa = std::frexp(strength, &exponent);
    scale = std::ldexp(1.0, -exponent);
    const auto box = static_cast<double>((2 * patch.z + 1) * (2 * patch.y + 1) * (2 * patch.x + 1));
    const double distance = mantissa * mantissa * box;
    most = static_cast<F>(kCutOff * distance);
    factor = static_cast<F>(std::numbers::log2e / distance);
    top = static_cast<F>(PowerFormat<F>::kTop - kShift);
  }

  template <class D>
  hn::Vec<D> of(D d, hn::Vec<D> sum) const {
    const auto exponent = hn::Sub(hn::Set(d, top), hn::Mul(sum, hn::Set(d, factor)));
    return hn::IfThenElseZero(hn::Le(sum, hn::Set(d, most)), shifted_to_power(d, exponent));
  }

  double scale;
  F most;
  F factor;
  F top;
};

/// Each voxel plus its mean difference to its neighbours; what is no number stays.
template <class T, class F>
void add_means(const T* row, const F* scaled, const F* sums, const F* weights, double scale, double* out,
               std::int64_t n) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
#pragma GCC ivdep
  for (std::int64_t i = 0; i < n; ++i) {
    const auto value = widened<T, double>(row[i]);
    const double mean = static_cast<double>(sums[i]) / static_cast<double>(weights[i]);
    const double moved = scaled[i] == kNoNumber<F> ? value : value + mean / scale;
    out[i] = value == value ? moved : kNan;  // every NaN becomes the same one
  }
}

template <class T>
class NlmTiles {
  using F = WorkFloat<T>;

 public:
  NlmTiles(const ConstBlock& in, const Block& out, const NlmPlan& plan, std::byte* scratch, Tally& tally)
      : in_(in),
        out_(out),
        patch_(plan.patch),
        search_(plan.search),
        weigh_(plan.patch, plan.strength),
        tally_(tally),
        tile_(out.shape(), plan.patch, plan.search),
        result_(reinterpret_cast<double*>(scratch)),
        values_(reinterpret_cast<F*>(result_ + padded(tile_.size.x))),
        sums_(values_ + tile_.values()),
        totals_(sums_ + tile_.sums()),
        weights_(totals_ + tile_.sums()),
        squares_(weights_ + tile_.weights(plan.search)),
        columns_(squares_ + tile_.squares()),
        line_(columns_ + tile_.patch_rows * tile_.patch_stride) {
    std::fill(values_, line_ + tile_.patch_stride, F{0});
    planes_.resize(static_cast<std::size_t>(tile_.patch_planes));
  }

  void run() {
    const Extent3 all = out_.shape();
    for (at_.z = 0; at_.z < all.z; at_.z += tile_.size.z)
      for (at_.y = 0; at_.y < all.y; at_.y += tile_.size.y)
        for (at_.x = 0; at_.x < all.x; at_.x += tile_.size.x) {
          size_ = {std::min(tile_.size.z, all.z - at_.z), std::min(tile_.size.y, all.y - at_.y),
                   std::min(tile_.size.x, all.x - at_.x)};
          load();
          for (std::int64_t z = 0; z <= search_.z; ++z)
            for (std::int64_t y = z == 0 ? 0 : -search_.y; y <= search_.y; ++y)
              for (std::int64_t x = z == 0 && y == 0 ? 1 : -search_.x; x <= search_.x; ++x) {
                move_to({z, y, x});
                weigh();
                add();
              }
          store();
        }
  }

 private:
  const T* voxels(std::int64_t z, std::int64_t y) const {
    return reinterpret_cast<const T*>(in_.row(at_.z + z, at_.y + y)) + at_.x;
  }
  /// Scaled values; voxel 0 of row y of the tile's plane z.
  F* value_row(std::int64_t z, std::int64_t y) const {
    return values_ + ((z + tile_.reach.z) * tile_.value_rows + y + tile_.reach.y) * tile_.value_stride +
           tile_.reach.x;
  }
  /// Where a voxel's row of sums begins.
  std::int64_t sum_row(std::int64_t z, std::int64_t y) const {
    return (z * tile_.size.y + y) * padded(tile_.size.x);
  }
  /// Weights for the offset, voxel 0 of a row.
  F* weight_row(std::int64_t z, std::int64_t y) const {
    return weights_ + ((z - from_.z) * tile_.weight_rows + y - from_.y) * tile_.weight_stride - from_.x;
  }

  void load() {
    const Extent3 reach = tile_.reach;
    for (std::int64_t z = -reach.z; z < size_.z + reach.z; ++z)
      for (std::int64_t y = -reach.y; y < size_.y + reach.y; ++y)
        load_scaled(voxels(z, y) - reach.x, static_cast<F>(weigh_.scale), value_row(z, y) - reach.x,
                    size_.x + 2 * reach.x);
    const hn::CappedTag<F, 1> d;
    std::fill(sums_, totals_, F{0});
    std::fill(totals_, weights_, hn::GetLane(weigh_.of(d, hn::Zero(d))));
  }

  /// The weights that are wanted: of the tile's voxels, and of those from which the offset leads into it.
  void move_to(const Extent3& offset) {
    offset_ = offset;
    from_ = {std::min<std::int64_t>(0, -offset.z), std::min<std::int64_t>(0, -offset.y),
             std::min<std::int64_t>(0, -offset.x)};
    to_ = {std::max(size_.z, size_.z - offset.z), std::max(size_.y, size_.y - offset.y),
           std::max(size_.x, size_.x - offset.x)};
  }

  void weigh() {
    const std::int64_t nz = patch_size(patch_.z);
    const std::int64_t first = from_.z - patch_before(patch_.z);
    for (std::int64_t z = first; z < to_.z + patch_.z; ++z) {
      square_plane(z, z - first);
      if (z - first + 1 >= nz) weigh_plane(z - patch_.z, z - first);
    }
  }

  F* ring_plane(std::int64_t turn) const {
    return squares_ + turn % tile_.patch_planes * tile_.patch_rows * tile_.patch_stride;
  }
  std::int64_t rows_of_squares() const { return to_.y - from_.y + patch_size(patch_.y) - 1; }
  std::int64_t columns_of_squares() const { return to_.x - from_.x + patch_size(patch_.x) - 1; }

  /// Of one plane, into the place of the oldest.
  void square_plane(std::int64_t z, std::int64_t turn) {
    const std::int64_t y = from_.y - patch_before(patch_.y);
    const std::int64_t x = from_.x - patch_before(patch_.x);
    F* plane = ring_plane(turn);
    for (std::int64_t row = 0; row < rows_of_squares(); ++row)
      square_differences<F>(value_row(z, y + row) + x,
                            value_row(z + offset_.z, y + row + offset_.y) + x + offset_.x,
                            plane + row * tile_.patch_stride, columns_of_squares());
  }

  /// Sums along z, then y, then x.
  void weigh_plane(std::int64_t z, std::int64_t turn) {
    const std::int64_t stride = tile_.patch_stride;
    const std::int64_t columns = columns_of_squares();
    for (std::size_t k = 0; k < planes_.size(); ++k)
      planes_[k] = ring_plane(turn + 1 + static_cast<std::int64_t>(k));  // the oldest first
    for (std::int64_t row = 0; row < rows_of_squares(); ++row)
      sum_rows<F>([planes = planes_.data(), at = row * stride](std::int64_t k) { return planes[k] + at; },
                  tile_.patch_planes, columns, Keep{columns_ + row * stride});
    for (std::int64_t y = from_.y; y < to_.y; ++y) {
      sum_rows<F>(
          [=, first = columns_ + (y - from_.y) * stride](std::int64_t k) { return first + k * stride; },
          patch_size(patch_.y), columns, Keep{line_});
      sum_rows<F>([line = line_](std::int64_t k) { return line + k; }, patch_size(patch_.x), to_.x - from_.x,
                  [weights = weigh_, out = weight_row(z, y) + from_.x](auto d, auto sum, std::int64_t i) {
                    hn::StoreU(weights.of(d, sum), d, out + i);
                  });
    }
  }

  struct Keep {
    F* out;
    template <class D>
    void operator()(D d, hn::Vec<D> sum, std::int64_t i) const {
      hn::StoreU(sum, d, out + i);
    }
  };

  /// What the voxels at the offset, ahead and behind, add to each voxel of the tile.
  void add() {
    const auto [oz, oy, ox] = offset_;
    for (std::int64_t z = 0; z < size_.z; ++z)
      for (std::int64_t y = 0; y < size_.y; ++y)
        add_both<F>(value_row(z, y), {value_row(z + oz, y + oy) + ox, weight_row(z, y)},
                    {value_row(z - oz, y - oy) - ox, weight_row(z - oz, y - oy) - ox}, sums_ + sum_row(z, y),
                    totals_ + sum_row(z, y), size_.x);
  }

  void store() {
    for (std::int64_t z = 0; z < size_.z; ++z)
      for (std::int64_t y = 0; y < size_.y; ++y) {
        const std::int64_t at = sum_row(z, y);
        add_means(voxels(z, y), value_row(z, y), sums_ + at, totals_ + at, weigh_.scale, result_, size_.x);
        store_doubles(result_, out_.dtype, out_.row(at_.z + z, at_.y + y) + at_.x * size_of(out_.dtype),
                      size_.x, tally_);
      }
  }

  ConstBlock in_;
  Block out_;
  Extent3 patch_;
  Extent3 search_;
  NlmWeights<F> weigh_;
  Tally& tally_;
  NlmTile tile_;
  double* result_;
  F* values_;
  F* sums_;    ///< of weighted differences
  F* totals_;  ///< of weights
  F* weights_;
  F* squares_;                    ///< a ring of planes
  F* columns_;                    ///< their sums along z
  F* line_;                       ///< and along y, of one row
  std::vector<const F*> planes_;  ///< of the ring, oldest first
  Extent3 at_;                    ///< where the tile begins, and its size
  Extent3 size_;
  Extent3 offset_;
  Extent3 from_;  ///< the box of weights
  Extent3 to_;
};
