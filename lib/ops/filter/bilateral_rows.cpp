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

std::int64_t in_vectors(std::int64_t bytes) {
  return (bytes + kLargestVector - 1) / kLargestVector * kLargestVector;
}

/// Of the fewest parts, none larger than `most`.
std::int64_t equal_parts(std::int64_t size, std::int64_t most) {
  const std::int64_t parts = std::max<std::int64_t>((size + most - 1) / most, 1);
  return (size + parts - 1) / parts;
}

/// What is computed with one ring of planes.
struct BilateralTile {
  BilateralTile(const Extent3& block, const Extent3& reach)
      : columns(equal_parts(block.x, 512)),
        rows(equal_parts(block.y, std::clamp<std::int64_t>(std::max(8 * reach.y, columns / kLanes), 16, 64))),
        ring_planes(reach.z + 1),
        ring_rows(rows + 2 * reach.y) {}

  static constexpr std::int64_t kLanes = 8;  // for which strips are as long as there are rows: a short border

  /// Of the extremes of a ring's planes, before their strips.
  std::int64_t extremes_bytes(std::int64_t work_bytes) const {
    return in_vectors(2 * ring_planes * work_bytes);
  }
  /// Of a ring: strips of values, sums and weights.
  std::int64_t ring_bytes(std::int64_t reach_x, std::int64_t work_bytes) const {
    const std::int64_t row = in_vectors(columns * work_bytes) + 2 * reach_x * kLargestVector;
    return extremes_bytes(work_bytes) + 3 * ring_planes * ring_rows * row;
  }

  std::int64_t columns;
  std::int64_t rows;
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

#include "ops/filter/bilateral_weights-inl.h"

#include "ops/filter/bilateral_pairs-inl.h"

/// Every voxel receives its neighbours in scan order, whatever the tiles: what lies in front of a tile is
/// gone through as well.
template <class T>
class BilateralTiles : Strips<WorkFloat<T>> {
  using F = WorkFloat<T>;
  using typename Strips<F>::D;
  using Strips<F>::kLanes;
  using Strips<F>::kPosition;
  using Strips<F>::kSums;
  using Strips<F>::kWeights;

  struct Extremes {
    F least;
    F most;
  };

 public:
  BilateralTiles(const ConstBlock& in, const Block& out, const BilateralPlan& plan,
                 const BilateralMemory& memory, Tally& tally)
      : in_(in),
        out_(out),
        memory_(memory),
        reach_(plan.reach),
        exponents_(plan.exponents),
        scale_(plan.scale / std::sqrt(Exponents<F>::kOctaves)),
        tally_(tally),
        tile_(out.shape(), plan.reach),
        width_((tile_.columns + kLanes - 1) / kLanes),
        row_floats_((width_ + 2 * reach_.x) * kPosition),
        ring_bytes_(tile_.ring_bytes(reach_.x, sizeof(F))),
        result_(reinterpret_cast<double*>(memory.scratch + (memory.carried == nullptr ? ring_bytes_ : 0))),
        values_(reinterpret_cast<F*>(result_ + width_ * kLanes)),
        tops_(values_ + width_ * kLanes + 2 * reach_.x) {
    fill_tops();
  }

  void run() {
    const Extent3 size = out_.shape();
    std::byte* ring = memory_.carried == nullptr ? memory_.scratch : memory_.carried;
    for (y_ = 0; y_ < size.y; y_ += tile_.rows)
      for (x_ = 0; x_ < size.x; x_ += tile_.columns) {
        rows_ = std::min(tile_.rows, size.y - y_);
        columns_ = std::min(tile_.columns, size.x - x_);
        width_ = (columns_ + kLanes - 1) / kLanes;
        use_ring(ring);
        if (memory_.carried != nullptr) ring += ring_bytes_;
        run_tile();
      }
  }

 private:
  void use_ring(std::byte* ring) {
    extremes_ = reinterpret_cast<Extremes*>(ring);
    ring_ = reinterpret_cast<F*>(ring + tile_.extremes_bytes(sizeof(F)));
  }

  void run_tile() {
    const std::int64_t first = memory_.begins ? -reach_.z : 0;
    for (std::int64_t z = first; z < first + reach_.z && memory_.begins; ++z) load_plane(z);
    for (std::int64_t z = first; z < out_.shape().z; ++z) {
      load_plane(z + reach_.z);
      const bool clamp = clamped();
      for (std::int64_t y = -reach_.y; y < rows_ + reach_.y; ++y)
        clamp ? add_pairs_of_row<true>(z, y) : add_pairs_of_row<false>(z, y);
      for (std::int64_t y = 0; z >= 0 && y < rows_; ++y) store_row(z, y);
    }
  }

  /// The same for a plane of the volume in every block.
  std::int64_t slot(std::int64_t z) const {
    const std::int64_t plane = (in_.box.begin.z + z) % tile_.ring_planes;
    return plane < 0 ? plane + tile_.ring_planes : plane;
  }
  /// The strips of the tile's row y and plane z, at x = 0 of each.
  F* strips(std::int64_t z, std::int64_t y) const {
    return ring_ + (slot(z) * tile_.ring_rows + y + reach_.y) * row_floats_ + reach_.x * kPosition;
  }
  const T* voxels(std::int64_t z, std::int64_t y) const {
    return reinterpret_cast<const T*>(in_.row(z, y_ + y)) + x_;
  }
  /// Whether it is in the tile, or will be in that of the next block.
  bool has_row(std::int64_t z, std::int64_t y) const {
    return z >= 0 && (z < out_.shape().z || memory_.carried != nullptr) && y >= 0 && y < rows_;
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
        for (const double x : exponents_[2])
          *top++ = static_cast<F>(Exponents<F>::kTop + (z + y + x) / Exponents<F>::kOctaves);
    least_top_ = *std::min_element(tops_, top);
  }

  void load_plane(std::int64_t z) {
    const D d;
    const std::int64_t used = columns_ + 2 * reach_.x;
    std::fill(values_ + used, values_ + width_ * kLanes + 2 * reach_.x, F{0});
    const auto own = pairs_.own_weight(*tops(0, 0));
    hn::Vec<D> least = hn::Set(d, kNoNumber<F>);
    hn::Vec<D> most = hn::Neg(least);
    for (std::int64_t y = -reach_.y; y < rows_ + reach_.y; ++y) {
      load_scaled(voxels(z, y) - reach_.x, static_cast<F>(scale_), values_, used);
      // Of the row: a vector of the strips, just written lane by lane, would have to be waited for.
      for (std::int64_t i = 0; i < used; i += kLanes) {
        const auto values = hn::LoadU(d, values_ + std::min(i, width_ * kLanes + 2 * reach_.x - kLanes));
        least = hn::Min(least, values);
        most = hn::Max(most, values);
      }
      F* position = strips(z, y) - reach_.x * kPosition;
      for (std::int64_t x = 0; x < width_ + 2 * reach_.x; ++x, position += kPosition) {
        for (std::int64_t lane = 0; lane < kLanes; ++lane) position[lane] = values_[lane * width_ + x];
        hn::Store(hn::Zero(d), d, position + kSums);
        hn::Store(own, d, position + kWeights);
      }
    }
    extremes_[slot(z)] = {hn::GetLane(hn::MinOfLanes(d, least)), hn::GetLane(hn::MaxOfLanes(d, most))};
  }

  /// Whether squared differences in the ring can reach beyond the powers of two.
  bool clamped() const {
    F least = extremes_[0].least;
    F most = extremes_[0].most;
    for (const Extremes& plane : std::span(extremes_, static_cast<std::size_t>(tile_.ring_planes))) {
      least = std::min(least, plane.least);
      most = std::max(most, plane.most);
    }
    const F range = most - least;
    return !(least_top_ - range * range > Exponents<F>::kLow + 1);
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
  void add_pairs_of_rows(F* row, std::span<const Beside<F>> beside, bool inside) {
    // Between these, all neighbours count.
    const std::int64_t begin = inside ? 0 : reach_.x;
    const std::int64_t end = std::max(begin, inside ? width_ : width_ - reach_.x);
    for (std::int64_t x = -reach_.x; x < begin; ++x) add_pairs_inside<kClamped>(row, x, beside);
    pairs_.list(row, beside, {-reach_.x, reach_.x + 1});
    pairs_.template add<kClamped>(row + begin * kPosition, row + end * kPosition);
    for (std::int64_t x = end; x < width_ + reach_.x; ++x) add_pairs_inside<kClamped>(row, x, beside);
  }

  /// The pairs of position x with those that lie inside of the tile.
  template <bool kClamped>
  void add_pairs_inside(F* row, std::int64_t x, std::span<const Beside<F>> beside) {
    pairs_.list(row, beside, {std::max(-reach_.x, -x), std::min(reach_.x + 1, width_ - x)});
    pairs_.template add<kClamped>(row + x * kPosition, row + (x + 1) * kPosition);
  }

  /// What is no number has only neighbours of weight 0 or difference 0, and stays.
  void store_row(std::int64_t z, std::int64_t y) {
    const D d;
    const F* position = strips(z, y);
    HWY_ALIGN F means[kLanes];
    for (std::int64_t x = 0; x < width_; ++x, position += kPosition) {
      hn::Store(hn::Div(hn::Load(d, position + kSums), hn::Load(d, position + kWeights)), d, means);
      for (std::int64_t lane = 0; lane < kLanes; ++lane) values_[lane * width_ + x] = means[lane];
    }
    add_means(voxels(z, y), values_, scale_, result_, columns_);
    store_doubles(result_, out_.dtype, out_.row(z, y_ + y) + x_ * size_of(out_.dtype), columns_, tally_);
  }

  static void add_means(const T* row, const F* means, double scale, double* out, std::int64_t n) {
    constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
    const double unit = 1 / scale;
#pragma GCC ivdep
    for (std::int64_t i = 0; i < n; ++i) {
      const auto value = widened<T, double>(row[i]);
      const double moved = value + static_cast<double>(means[i]) * unit;
      out[i] = value == value ? moved : kNan;  // every NaN becomes the same one
    }
  }

  ConstBlock in_;
  Block out_;
  const BilateralMemory& memory_;
  Extent3 reach_;
  const std::array<std::vector<double>, 3>& exponents_;
  Pairs<F> pairs_;
  double scale_;
  Tally& tally_;
  BilateralTile tile_;
  std::int64_t width_;       ///< of a strip: lane i of position x holds column i * width + x of the tile
  std::int64_t row_floats_;  ///< of the strips of a row
  std::int64_t ring_bytes_;
  Extremes* extremes_ = nullptr;  ///< of the values in each plane of the ring
  F* ring_ = nullptr;
  double* result_;
  F* values_;  ///< a row and its margins while it is loaded, and what is added to it while it is stored
  F* tops_;
  F least_top_ = 0;
  std::vector<Beside<F>> beside_;  ///< the later rows of the box around a row, in scan order
  std::int64_t y_ = 0;             ///< where the tile begins, and its size
  std::int64_t x_ = 0;
  std::int64_t rows_ = 0;
  std::int64_t columns_ = 0;
};

void bilateral(const ConstBlock& in, const Block& out, const BilateralPlan& plan,
               const BilateralMemory& memory, Tally& tally) {
  visit_dtype(in.dtype, [&](auto type) {
    BilateralTiles<typename decltype(type)::type>(in, out, plan, memory, tally).run();
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

void bilateral_rows(const ConstBlock& in, const Block& out, const BilateralPlan& plan,
                    const BilateralMemory& memory, Tally& tally) {
  VOX_SIMD_CALL(bilateral)(in, out, plan, memory, tally);
}

std::int64_t bilateral_scratch(const Extent3& block, const Extent3& reach, std::int64_t work_bytes) {
  const BilateralTile tile(block, reach);
  const std::int64_t box = (2 * reach.z + 1) * (2 * reach.y + 1) * (2 * reach.x + 1);
  const std::int64_t line = tile.columns * work_bytes + (1 + 2 * reach.x) * kLargestVector;
  const std::int64_t result = tile.columns * std::int64_t{sizeof(double)} + 2 * kLargestVector;
  return tile.ring_bytes(reach.x, work_bytes) + line + result + box * work_bytes;
}

std::int64_t bilateral_carried(const Extent3& block, const Extent3& reach, std::int64_t work_bytes) {
  const BilateralTile tile(block, reach);
  const std::int64_t tiles =
      ((block.y + tile.rows - 1) / tile.rows) * ((block.x + tile.columns - 1) / tile.columns);
  return tiles * tile.ring_bytes(reach.x, work_bytes);
}

}  // namespace vox
#endif  // HWY_ONCE
