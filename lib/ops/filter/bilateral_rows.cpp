#include "ops/filter/bilateral_rows.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>

#include "ops/filter/store_row.h"
#include "ops/simd.h"

#ifndef VOX_BILATERAL_ONCE
#define VOX_BILATERAL_ONCE
namespace vox {
namespace {

constexpr std::int64_t kStep = 32;  // at least the voxels that are computed at once, of any vectors

/// What is computed between two fills of the scratch, so small that the scaled values around it stay in the
/// second-level cache; and where they stand.
struct BilateralTile {
  BilateralTile(const Extent3& block, const Extent3& reach)
      : rows(std::min<std::int64_t>(block.y, 16)),
        columns(std::min<std::int64_t>(block.x, 512)),
        // Of an odd number of cache lines, so that rows do not contend for the same places.
        stride((((columns + kStep + 2 * reach.x) / 16) | 1) * 16 + 32),
        ring_planes(2 * reach.z + 1),
        ring_rows(rows + 2 * reach.y) {}

  std::int64_t rows;
  std::int64_t columns;
  std::int64_t stride;
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

/// 2^n below kLow + 1; negative for floats, which the quotient of two sums takes back.
template <class D>
hn::Vec<D> power_of_two(D d, hn::Vec<D> n) {
  using F = hn::TFromD<D>;
  using Format = PowerFormat<F>;
  const auto mask = hn::BitCast(d, hn::Set(hn::RebindToUnsigned<D>(), Format::kWhole));
  n = hn::Max(n, hn::Set(d, Format::kLow));
  const auto whole = hn::And(n, mask);
  const auto fraction = hn::Sub(n, whole);
  auto mantissa = hn::Add(fraction, hn::Set(d, Format::kPolynomial[0]));
  for (std::size_t i = 1; i < std::size(Format::kPolynomial); ++i)
    mantissa = fused(d, mantissa, fraction, hn::Set(d, Format::kPolynomial[i]));
  return hn::Mul(mantissa, shifted_to_power(d, whole));
}

template <class T>
class BilateralTiles {
  using F = WorkFloat<T>;
  static constexpr int kVectors = 2;  // each waits for its own sums

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
        result_(reinterpret_cast<double*>(scratch)),
        ring_(reinterpret_cast<F*>(result_ + tile_.stride)),
        sums_(ring_ + tile_.ring_planes * tile_.ring_rows * tile_.stride),
        weights_(sums_ + tile_.stride),
        tops_(weights_ + tile_.stride) {
    std::fill(ring_, tops_, F{0});
    fill_tops();
  }

  void run() {
    const Extent3 size = out_.shape();
    for (y_ = 0; y_ < size.y; y_ += tile_.rows)
      for (x_ = 0; x_ < size.x; x_ += tile_.columns) {
        rows_ = std::min(tile_.rows, size.y - y_);
        columns_ = std::min(tile_.columns, size.x - x_);
        for (std::int64_t z = -reach_.z; z < reach_.z; ++z) load_plane(z);
        for (std::int64_t z = 0; z < size.z; ++z) {
          load_plane(z + reach_.z);
          for (std::int64_t y = 0; y < rows_; ++y) filter_row(z, y);
        }
      }
  }

 private:
  /// Scaled values of the tile's row y and plane z; x from -reach.
  F* ring_row(std::int64_t z, std::int64_t y) const {
    const std::int64_t slot = (z + reach_.z) % tile_.ring_planes;
    return ring_ + (slot * tile_.ring_rows + y + reach_.y) * tile_.stride;
  }
  const T* voxels(std::int64_t z, std::int64_t y) const {
    return reinterpret_cast<const T*>(in_.row(z, y_ + y)) + x_;
  }

  void load_plane(std::int64_t z) {
    for (std::int64_t y = -reach_.y; y < rows_ + reach_.y; ++y)
      load_scaled(voxels(z, y) - reach_.x, static_cast<F>(scale_), ring_row(z, y), columns_ + 2 * reach_.x);
  }

  /// What the squared difference is subtracted from, for each voxel of the box.
  void fill_tops() {
    F* top = tops_;
    for (const double z : exponents_[0])
      for (const double y : exponents_[1])
        for (const double x : exponents_[2]) *top++ = static_cast<F>(PowerFormat<F>::kTop + (z + y + x));
  }

  /// The sums for the vectors that begin at x, of the rows in `around_`.
  template <class D>
  void add_neighbours(D d, const F* centre, std::int64_t x) {
    const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
    const std::int64_t across = 2 * reach_.x + 1;
    hn::Vec<D> values[kVectors];
    hn::Vec<D> sums[kVectors];
    hn::Vec<D> weights[kVectors];
    for (int v = 0; v < kVectors; ++v) {
      values[v] = hn::LoadU(d, centre + x + v * lanes);
      sums[v] = weights[v] = hn::Zero(d);
    }
    const F* tops = tops_;
    for (const F* row : around_) {
      for (std::int64_t k = 0; k < across; ++k) {
        const auto top = hn::Set(d, tops[k]);
        for (int v = 0; v < kVectors; ++v) {
          const auto difference = hn::Sub(hn::LoadU(d, row + x + k + v * lanes), values[v]);
          const auto weight = power_of_two(d, fused_minus(d, difference, difference, top));
          sums[v] = fused(d, weight, difference, sums[v]);
          weights[v] = hn::Add(weights[v], weight);
        }
      }
      tops += across;
    }
    for (int v = 0; v < kVectors; ++v) {
      hn::StoreU(sums[v], d, sums_ + x + v * lanes);
      hn::StoreU(weights[v], d, weights_ + x + v * lanes);
    }
  }

  void filter_row(std::int64_t z, std::int64_t y) {
    const hn::ScalableTag<F> d;
    const auto step = kVectors * static_cast<std::int64_t>(hn::Lanes(d));
    around_.clear();
    for (std::int64_t dz = -reach_.z; dz <= reach_.z; ++dz)
      for (std::int64_t dy = -reach_.y; dy <= reach_.y; ++dy) around_.push_back(ring_row(z + dz, y + dy));
    const F* centre = ring_row(z, y) + reach_.x;
    for (std::int64_t x = 0; x < columns_; x += step) add_neighbours(d, centre, x);
    add_means(voxels(z, y), centre, sums_, weights_, scale_, result_, columns_);
    store_doubles(result_, out_.dtype, out_.row(z, y_ + y) + x_ * size_of(out_.dtype), columns_, tally_);
  }

  ConstBlock in_;
  Block out_;
  Extent3 reach_;
  const std::array<std::vector<double>, 3>& exponents_;
  double scale_;
  Tally& tally_;
  BilateralTile tile_;
  double* result_;
  F* ring_;
  F* sums_;
  F* weights_;
  F* tops_;
  std::vector<const F*> around_;  ///< the rows of the box around a row, in scan order
  std::int64_t y_ = 0;            ///< where the tile begins, and its size
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
  const std::int64_t rows = tile.ring_planes * tile.ring_rows + 3;
  return (rows * tile.stride + box) * std::int64_t{sizeof(double)};
}

}  // namespace vox
#endif  // HWY_ONCE
