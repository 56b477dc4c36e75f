#include "ops/filter/bilateral_rows.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <span>
#include <type_traits>

#include "ops/filter/store_row.h"
#include "ops/simd.h"

#ifndef VOX_BILATERAL_ONCE
#define VOX_BILATERAL_ONCE
namespace vox {
namespace {

constexpr std::int64_t kCacheBytes = 20 << 10;  // of the rows beside a voxel, to be gone through at once
constexpr std::int64_t kLargestVector = 64;     // bytes, of any target

/// Of the fewest parts, none larger than `most`.
std::int64_t equal_parts(std::int64_t size, std::int64_t most) {
  const std::int64_t parts = std::max<std::int64_t>((size + most - 1) / most, 1);
  return (size + parts - 1) / parts;
}

/// What is computed between two fills of the scratch.
struct BilateralTile {
  BilateralTile(const Extent3& block, const Extent3& reach)
      : rows(std::min<std::int64_t>(block.y, 64)),
        columns(equal_parts(block.x, 512)),
        ring_planes(reach.z + 1),
        ring_rows(rows + 2 * reach.y) {}

  std::int64_t rows;
  std::int64_t columns;
  std::int64_t ring_planes;
  std::int64_t ring_rows;
};

}  // namespace
}  // namespace vox
#endif  // VOX_BILATERAL_ONCE

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/filter/bilateral_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

#include "ops/filter/edge_weights-inl.h"

#include "ops/filter/fused-inl.h"

/// 2^n; negative for floats, which the quotient of two sums takes back. REQUIRES: n >= kLow.
template <class D>
hn::Vec<D> power_of_two(D d, hn::Vec<D> n) {
  using F = hn::TFromD<D>;
  using Format = PowerFormat<F>;
  const auto mask = hn::BitCast(d, hn::Set(hn::RebindToUnsigned<D>(), Format::kWhole));
  const auto whole = hn::And(n, mask);
  const auto fraction = hn::Sub(n, whole);
  auto mantissa = hn::Add(fraction, hn::Set(d, Format::kPolynomial[0]));
  for (std::size_t i = 1; i < std::size(Format::kPolynomial); ++i)
    mantissa = fused(d, mantissa, fraction, hn::Set(d, Format::kPolynomial[i]));
  return hn::Mul(mantissa, shifted_to_power(d, whole));
}

/// Each weight is computed once and serves both voxels of its pair. Rows stand in memory as strips, one for
/// each lane of a vector, so that neighbours along x are neighbouring vectors. Every voxel receives its
/// neighbours in scan order, whatever the tiles: what lies in front of a tile is gone through as well.
template <class T>
class BilateralTiles {
  using F = WorkFloat<T>;
  using D = hn::ScalableTag<F>;
  static constexpr std::int64_t kLanes = hn::MaxLanes(D());
  static constexpr std::int64_t kPosition = 3 * kLanes;  // of a strip: values, sums, and weights behind them
  static constexpr std::int64_t kSums = kLanes;
  static constexpr std::int64_t kWeights = 2 * kLanes;

  struct Extremes {
    F least;
    F most;
  };
  struct Centre {
    hn::Vec<D> values;
    hn::Vec<D> sums;
    hn::Vec<D> weights;
  };
  struct Beside {
    F* row;
    const F* tops;       ///< what the squared differences are subtracted from
    std::int64_t first;  ///< how far to the right the pairs begin
  };

 public:
  BilateralTiles(const ConstBlock& in, const Block& out, const BilateralPlan& plan, std::byte* scratch,
                 Tally& tally)
      : in_(in),
        out_(out),
        reach_(plan.reach),
        exponents_(plan.exponents),
        scale_(plan.scale),
        tally_(tally),
        tile_(out.shape(), plan.reach),
        width_((tile_.columns + kLanes - 1) / kLanes),
        row_floats_((width_ + 2 * reach_.x) * kPosition),
        ring_(reinterpret_cast<F*>(scratch)),
        result_(reinterpret_cast<double*>(ring_ + tile_.ring_planes * tile_.ring_rows * row_floats_)),
        values_(reinterpret_cast<F*>(result_ + width_ * kLanes)),
        sums_(values_ + width_ * kLanes + 2 * reach_.x),
        weights_(sums_ + width_ * kLanes),
        tops_(weights_ + width_ * kLanes),
        extremes_(static_cast<std::size_t>(tile_.ring_planes)) {
    fill_tops();
  }

  void run() {
    const Extent3 size = out_.shape();
    for (y_ = 0; y_ < size.y; y_ += tile_.rows)
      for (x_ = 0; x_ < size.x; x_ += tile_.columns) {
        rows_ = std::min(tile_.rows, size.y - y_);
        columns_ = std::min(tile_.columns, size.x - x_);
        width_ = (columns_ + kLanes - 1) / kLanes;
        for (std::int64_t z = -reach_.z; z < 0; ++z) load_plane(z);
        for (std::int64_t z = -reach_.z; z < size.z; ++z) {
          load_plane(z + reach_.z);
          const bool clamp = clamped();
          for (std::int64_t y = -reach_.y; y < rows_ + reach_.y; ++y)
            clamp ? add_pairs_of_row<true>(z, y) : add_pairs_of_row<false>(z, y);
          for (std::int64_t y = 0; z >= 0 && y < rows_; ++y) store_row(z, y);
        }
      }
  }

 private:
  std::int64_t slot(std::int64_t z) const { return (z + reach_.z) % tile_.ring_planes; }
  /// The strips of the tile's row y and plane z, at x = 0 of each.
  F* strips(std::int64_t z, std::int64_t y) const {
    return ring_ + (slot(z) * tile_.ring_rows + y + reach_.y) * row_floats_ + reach_.x * kPosition;
  }
  const T* voxels(std::int64_t z, std::int64_t y) const {
    return reinterpret_cast<const T*>(in_.row(z, y_ + y)) + x_;
  }
  bool has_row(std::int64_t z, std::int64_t y) const {
    return z >= 0 && z < out_.shape().z && y >= 0 && y < rows_;
  }

  /// log2 of the weights in space, as tops; of one row of the box at its middle.
  const F* tops(std::int64_t dz, std::int64_t dy) const {
    const std::int64_t row = (dz + reach_.z) * (2 * reach_.y + 1) + dy + reach_.y;
    return tops_ + row * (2 * reach_.x + 1) + reach_.x;
  }
  void fill_tops() {
    F* top = tops_;
    for (const double z : exponents_[0])
      for (const double y : exponents_[1])
        for (const double x : exponents_[2]) *top++ = static_cast<F>(PowerFormat<F>::kTop + (z + y + x));
    least_top_ = *std::min_element(tops_, top);
  }

  void load_plane(std::int64_t z) {
    const D d;
    const std::int64_t used = columns_ + 2 * reach_.x;
    std::fill(values_ + used, values_ + width_ * kLanes + 2 * reach_.x, F{0});
    hn::Vec<D> least = hn::Set(d, kNoNumber<F>);
    hn::Vec<D> most = hn::Neg(least);
    for (std::int64_t y = -reach_.y; y < rows_ + reach_.y; ++y) {
      load_scaled(voxels(z, y) - reach_.x, static_cast<F>(scale_), values_, used);
      F* position = strips(z, y) - reach_.x * kPosition;
      for (std::int64_t x = 0; x < width_ + 2 * reach_.x; ++x, position += kPosition) {
        for (std::int64_t lane = 0; lane < kLanes; ++lane) position[lane] = values_[lane * width_ + x];
        least = hn::Min(least, hn::Load(d, position));
        most = hn::Max(most, hn::Load(d, position));
        hn::Store(hn::Zero(d), d, position + kSums);
        hn::Store(hn::Zero(d), d, position + kWeights);
      }
    }
    extremes_[static_cast<std::size_t>(slot(z))] = {hn::GetLane(hn::MinOfLanes(d, least)),
                                                    hn::GetLane(hn::MaxOfLanes(d, most))};
  }

  /// Whether squared differences in the ring can reach beyond the powers of two.
  bool clamped() const {
    F least = extremes_[0].least;
    F most = extremes_[0].most;
    for (const Extremes& plane : extremes_) {
      least = std::min(least, plane.least);
      most = std::max(most, plane.most);
    }
    const F range = most - least;
    return !(least_top_ - range * range > PowerFormat<F>::kLow + 1);
  }

  /// All pairs of a voxel of the row with a later one, but for those that lie outside of the tile both.
  template <bool kClamped>
  void add_pairs_of_row(std::int64_t z, std::int64_t y) {
    const bool inside = has_row(z, y);
    F* row = strips(z, y);
    beside_.clear();
    if (inside) beside_.push_back({row, tops(0, 0), 1});
    for (std::int64_t dz = 0; dz <= reach_.z; ++dz)
      for (std::int64_t dy = dz == 0 ? 1 : -reach_.y; dy <= reach_.y; ++dy)
        if (inside || has_row(z + dz, y + dy))
          beside_.push_back({strips(z + dz, y + dy), tops(dz, dy), -reach_.x});
    const auto together = static_cast<std::size_t>(
        std::max<std::int64_t>(1, kCacheBytes / ((2 * reach_.x + 1) * kPosition * std::int64_t{sizeof(F)})));
    for (std::size_t i = 0; i < beside_.size(); i += together)
      add_pairs_of_rows<kClamped>(row, std::span(beside_).subspan(i, std::min(together, beside_.size() - i)),
                                  inside);
  }

  template <bool kClamped>
  void add_pairs_of_rows(F* row, std::span<const Beside> beside, bool inside) const {
    const D d;
    const auto own = beside.front().row == row ? power_of_two(d, hn::Set(d, *tops(0, 0))) : hn::Zero(d);
    for (std::int64_t x = -reach_.x; x < width_ + reach_.x; ++x) {
      Interval others{-reach_.x, reach_.x + 1};
      if (!inside || x < 0 || x >= width_)
        others = {std::max(others.begin, -x), std::min(others.end, width_ - x)};
      F* position = row + x * kPosition;
      Centre centre{hn::Load(d, position), hn::Load(d, position + kSums),
                    hn::Add(hn::Load(d, position + kWeights), own)};
      for (const Beside& other : beside)
        add_pairs<kClamped>(centre, other.row + x * kPosition, other.tops,
                            {std::max(others.begin, other.first), others.end});
      hn::Store(centre.sums, d, position + kSums);
      hn::Store(centre.weights, d, position + kWeights);
    }
  }

  template <bool kClamped>
  static void add_pairs(Centre& centre, F* beside, const F* tops, const Interval& others) {
    const D d;
    for (std::int64_t x = others.begin; x < others.end; ++x) {
      F* other = beside + x * kPosition;
      const auto difference = hn::Sub(centre.values, hn::Load(d, other));
      auto exponent = fused_minus(d, difference, difference, hn::Set(d, tops[x]));
      if constexpr (kClamped) exponent = hn::Max(exponent, hn::Set(d, PowerFormat<F>::kLow));
      const auto weight = power_of_two(d, exponent);
      centre.sums = fused_minus(d, weight, difference, centre.sums);
      centre.weights = hn::Add(centre.weights, weight);
      hn::Store(fused(d, weight, difference, hn::Load(d, other + kSums)), d, other + kSums);
      hn::Store(hn::Add(weight, hn::Load(d, other + kWeights)), d, other + kWeights);
    }
  }

  void store_row(std::int64_t z, std::int64_t y) {
    const F* position = strips(z, y);
    for (std::int64_t x = 0; x < width_; ++x, position += kPosition)
      for (std::int64_t lane = 0; lane < kLanes; ++lane) {
        values_[lane * width_ + x] = position[lane];
        sums_[lane * width_ + x] = position[kSums + lane];
        weights_[lane * width_ + x] = position[kWeights + lane];
      }
    add_means(voxels(z, y), values_, sums_, weights_, scale_, result_, columns_);
    store_doubles(result_, out_.dtype, out_.row(z, y_ + y) + x_ * size_of(out_.dtype), columns_, tally_);
  }

  ConstBlock in_;
  Block out_;
  Extent3 reach_;
  const std::array<std::vector<double>, 3>& exponents_;
  double scale_;
  Tally& tally_;
  BilateralTile tile_;
  std::int64_t width_;       ///< of a strip: lane i of position x holds column i * width + x of the tile
  std::int64_t row_floats_;  ///< of the strips of a row
  F* ring_;
  double* result_;
  F* values_;  ///< a row, and its margins while it is loaded
  F* sums_;
  F* weights_;
  F* tops_;
  F least_top_ = 0;
  std::vector<Extremes> extremes_;  ///< of the values in each plane of the ring
  std::vector<Beside> beside_;      ///< the later rows of the box around a row, in scan order
  std::int64_t y_ = 0;              ///< where the tile begins, and its size
  std::int64_t x_ = 0;
  std::int64_t rows_ = 0;
  std::int64_t columns_ = 0;
};

void bilateral(const ConstBlock& in, const Block& out, const BilateralPlan& plan, std::byte* scratch,
               Tally& tally) {
  visit_dtype(in.dtype, [&](auto type) {
    BilateralTiles<typename decltype(type)::type>(in, out, plan, scratch, tally).run();
  });
}

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(bilateral);

}  // namespace

void bilateral_rows(const ConstBlock& in, const Block& out, const BilateralPlan& plan, std::byte* scratch,
                    Tally& tally) {
  VOX_SIMD_CALL(bilateral)(in, out, plan, scratch, tally);
}

std::int64_t bilateral_scratch(const Extent3& block, const Extent3& reach) {
  const BilateralTile tile(block, reach);
  const std::int64_t box = (2 * reach.z + 1) * (2 * reach.y + 1) * (2 * reach.x + 1);
  const std::int64_t lines = 3 * tile.ring_planes * tile.ring_rows;
  const std::int64_t line = tile.columns * std::int64_t{sizeof(double)} + (1 + 2 * reach.x) * kLargestVector;
  return (lines + 5) * line + box * std::int64_t{sizeof(double)};
}

}  // namespace vox
#endif  // HWY_ONCE
