#include "ops/filter/fir_rows.h"

#include <algorithm>
#include <limits>
#include <type_traits>

#include "ops/filter/store_row.h"
#include "ops/scratch.h"
#include "ops/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/filter/fir_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

#include "ops/filter/load_doubles-inl.h"
// The order matters.
#include "ops/filter/fir_sums-inl.h"

#include "ops/filter/fir_quads-inl.h"

/// One strip of columns.
template <class T>
class FirStrip {
 public:
  FirStrip(const ConstBlock& in, const Block& out, const FirPlan& plan, FirMerge merge, std::byte* scratch,
           Tally& tally)
      : in_(in),
        out_(out),
        plan_(plan),
        merge_(merge),
        tally_(tally),
        width_(out.shape().x + 2 * plan.reach.x),
        stride_(plan.stride(out.shape().x)),
        planes_(std::min(kQuad, out.shape().z)),
        plane_stride_(plan.rows_kept() * stride_),
        along_z_(reinterpret_cast<double*>(scratch)),
        along_y_(along_z_ + static_cast<std::int64_t>(plan.along_z.size()) * planes_ * plane_stride_),
        merged_(along_y_ + static_cast<std::int64_t>(plan.along_y.size()) * kQuad * stride_),
        outside_(merged_ + kQuad * stride_) {}

  void run() {
    const Extent3 size = out_.shape();
    if (!plan_.along_one.empty()) return filter_voxels();
    for (std::int64_t z = 0; z < size.z; z += kQuad)
      for (std::int64_t y = 0; y < size.y; y += kQuad)
        filter(z, std::min(kQuad, size.z - z), y, std::min(kQuad, size.y - y));
  }

 private:
  /// Where row `row` of plane `plane` of those at once is kept, filtered along z; -reach.y is the first.
  double* along_z(std::size_t which, std::int64_t plane, std::int64_t row) const {
    return along_z_ + (static_cast<std::int64_t>(which) * planes_ + plane) * plane_stride_ +
           (row + plan_.reach.y) % plan_.rows_kept() * stride_;
  }
  /// Columns filtered along y.
  double* along_y(std::size_t which) const {
    return along_y_ + static_cast<std::int64_t>(which) * kQuad * stride_;
  }

  const T* row(std::int64_t z, std::int64_t y) const { return reinterpret_cast<const T*>(in_.row(z, y)); }

  void filter_voxels() {
    const Extent3 size = out_.shape();
    std::vector<std::vector<const T*>> near;
    std::vector<LastStep<Listed<T>>> terms;
    for (const FirPlan::AlongOne& step : plan_.along_one) {
      near.emplace_back(static_cast<std::size_t>(2 * step.taps.reach() + 1));
      terms.push_back({{near.back().data() + step.taps.reach()}, &step.taps});
    }
    for (std::int64_t z = 0; z < size.z; ++z) {
      for (std::int64_t y = 0; y < size.y; ++y) {
        for (std::size_t i = 0; i < near.size(); ++i) find_near(plan_.along_one[i], z, y, near[i]);
        if (merge_ == FirMerge::magnitude)
          merge_voxels<true>(terms, size.x, merged_);
        else
          merge_voxels<false>(terms, size.x, merged_);
        store_doubles(merged_, out_.dtype, out_.row(z, y), size.x, tally_);
      }
    }
  }

  /// The neighbours of a row along one axis.
  void find_near(const FirPlan::AlongOne& step, std::int64_t z, std::int64_t y,
                 std::vector<const T*>& near) const {
    std::int64_t k = -step.taps.reach();
    for (const T*& at : near) {
      at = step.axis == 0 ? row(z + k, y) : step.axis == 1 ? row(z, y + k) : row(z, y) + k;
      ++k;
    }
  }

  void filter(std::int64_t z, std::int64_t planes, std::int64_t y, std::int64_t rows) {
    for (std::int64_t row = y == 0 ? -plan_.reach.y : y + plan_.reach.y; row < y + rows + plan_.reach.y;
         ++row)
      filter_z(z, planes, row);
    for (std::int64_t plane = 0; plane < planes; ++plane) {
      filter_y(plane, y);
      filter_x(z + plane, y);
      for (std::int64_t i = 0; i < rows; ++i)
        store_doubles(merged_ + i * stride_, out_.dtype, out_.row(z + plane, y + i), out_.shape().x, tally_);
    }
  }

  void filter_z(std::int64_t z, std::int64_t planes, std::int64_t y) {
    near_.clear();
    for (std::int64_t k = -plan_.reach.z; k < planes + plan_.reach.z; ++k)
      near_.push_back(row(z + k, y) - plan_.reach.x);
    const Listed<T> rows{near_.data() + plan_.reach.z};
    for (std::size_t i = 0; i < plan_.along_z.size(); ++i) {
      if (planes == kQuad) {
        weigh_planes<kQuad>(rows, plan_.along_z[i], width_, along_z(i, 0, y), plane_stride_);
        continue;
      }
      for (std::int64_t plane = 0; plane < planes; ++plane)
        weigh_planes<1>(Listed<T>{rows.rows + plane}, plan_.along_z[i], width_, along_z(i, plane, y), 0);
    }
  }

  void filter_y(std::int64_t plane, std::int64_t y) {
    for (std::size_t i = 0; i < plan_.along_y.size(); ++i) {
      kept_.clear();
      for (std::int64_t k = -plan_.reach.y; k < kQuad + plan_.reach.y; ++k)
        kept_.push_back(along_z(plan_.along_y[i].z, plane, y + k));
      weigh_rows({kept_.data() + plan_.reach.y}, plan_.along_y[i].taps, width_, along_y(i));
    }
  }

  void filter_x(std::int64_t z, std::int64_t y) {
    last_.clear();
    for (const FirPlan::AlongX& step : plan_.along_x)
      last_.push_back({{along_y(step.y) + plan_.reach.x * kQuad, kQuad}, &step.taps});
    for (std::size_t i = 0; i < plan_.outside.size(); ++i) last_[i].outside = add_outside(i, z, y);
    if (merge_ == FirMerge::magnitude)
      merge_columns<true>(last_, out_.shape().x, merged_, stride_);
    else
      merge_columns<false>(last_, out_.shape().x, merged_, stride_);
  }

  /// The columns of what is added to term `i` in the rows from (z, y) on.
  const double* add_outside(std::size_t i, std::int64_t z, std::int64_t y) {
    const Extent3& first = out_.box.begin;
    const std::int64_t rows = std::min(kQuad, out_.shape().y - y);
    double* columns = outside_ + static_cast<std::int64_t>(i) * kQuad * stride_;
    for (std::int64_t x = 0; x < out_.shape().x; ++x)
      for (std::int64_t row = 0; row < rows; ++row)
        columns[x * kQuad + row] = plan_.outside[i].at({first.z + z, first.y + y + row, first.x + x});
    return columns;
  }

  ConstBlock in_;
  Block out_;
  const FirPlan& plan_;
  FirMerge merge_;
  Tally& tally_;
  std::int64_t width_;
  std::int64_t stride_;
  std::int64_t planes_;  ///< at once
  std::int64_t plane_stride_;
  double* along_z_;  ///< rows filtered along z
  double* along_y_;  ///< along y, too
  double* merged_;
  double* outside_;                  ///< columns of what is added to the terms
  std::vector<const T*> near_;       ///< rows of planes around a row
  std::vector<const double*> kept_;  ///< of one plane, around a row
  std::vector<LastStep<Strided<double>>> last_;
};

template <class Byte>
BasicBlock<Byte> columns_of(BasicBlock<Byte> block, const Interval& columns) {
  block.data += columns.begin * size_of(block.dtype);
  block.box.end.x = block.box.begin.x + columns.end;
  block.box.begin.x += columns.begin;
  return block;
}

void fir(const ConstBlock& in, const Block& out, const FirPlan& plan, FirMerge merge, std::byte* scratch,
         Tally& tally) {
  const std::int64_t nx = out.shape().x;
  visit_dtype(in.dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    for (std::int64_t x = 0; x < nx; x += plan.columns_at_once()) {
      const Interval columns{x, std::min(x + plan.columns_at_once(), nx)};
      FirStrip<T>(columns_of(in, columns), columns_of(out, columns), plan, merge, scratch, tally).run();
    }
  });
}

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(fir);

/// Where `entry` stands in the list, at whose end it is put if it is new.
template <class Entry, class Same>
std::size_t place_in(std::vector<Entry>& list, const Entry& entry, Same same) {
  for (std::size_t i = 0; i < list.size(); ++i)
    if (same(list[i])) return i;
  list.push_back(entry);
  return list.size() - 1;
}

/// The axes along which a term does more than to take the voxel itself.
std::vector<std::size_t> axes_of(const FirTerm& term) {
  std::vector<std::size_t> axes;
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (term.taps[axis] != Taps()) axes.push_back(axis);
  return axes;
}

}  // namespace

FirPlan::FirPlan(const std::vector<FirTerm>& terms, std::span<const FirOutside> outside_terms)
    : outside(outside_terms) {
  for (const FirTerm& term : terms) {
    const auto& [z, y, x] = term.taps;
    reach = {std::max(reach.z, z.reach()), std::max(reach.y, y.reach()), std::max(reach.x, x.reach())};
  }
  if (std::ranges::all_of(terms, [](const FirTerm& term) { return axes_of(term).size() == 1; })) {
    for (const FirTerm& term : terms) along_one.push_back({axes_of(term)[0], term.taps[axes_of(term)[0]]});
    return;
  }
  for (const FirTerm& term : terms) {
    const Taps& z = term.taps[0];
    const Taps& y = term.taps[1];
    const std::size_t at_z = place_in(along_z, z, [&](const Taps& known) { return known == z; });
    const std::size_t at_y = place_in(
        along_y, AlongY{at_z, y}, [&](const AlongY& known) { return known.z == at_z && known.taps == y; });
    along_x.push_back({at_y, term.taps[2]});
  }
}

std::int64_t FirPlan::stride(std::int64_t columns) const {
  constexpr std::int64_t kLine = 64;
  constexpr std::int64_t kShared = 16 * kLine;  // then columns of many rows share a few lines of the cache
  std::int64_t bytes = scratch_row_bytes(whole_quads(columns) + 2 * reach.x, sizeof(double));
  if (bytes % kShared == 0) bytes += kLine;
  return bytes / std::int64_t{sizeof(double)};
}

std::int64_t FirPlan::scratch_bytes(const Extent3& block) const {
  const auto count = [](const auto& steps) { return static_cast<std::int64_t>(std::size(steps)); };
  const std::int64_t rows =
      count(along_z) * std::min(kQuad, block.z) * rows_kept() + kQuad * (count(along_y) + count(outside) + 1);
  return rows * stride(std::min(block.x, columns_at_once())) * std::int64_t{sizeof(double)};
}

void fir_rows(const ConstBlock& in, const Block& out, const FirPlan& plan, FirMerge merge, std::byte* scratch,
              Tally& tally) {
  VOX_SIMD_CALL(fir)(in, out, plan, merge, scratch, tally);
}

}  // namespace vox
#endif  // HWY_ONCE
