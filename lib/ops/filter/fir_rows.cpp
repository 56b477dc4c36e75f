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

#include "ops/filter/fir_sums-inl.h"
// The order matters.
#include "ops/filter/fir_quads-inl.h"

template <class T>
class FirBlock {
 public:
  FirBlock(const ConstBlock& in, const Block& out, const FirPlan& plan, FirMerge merge, std::byte* scratch,
           Tally& tally)
      : in_(in),
        out_(out),
        plan_(plan),
        merge_(merge),
        tally_(tally),
        width_(out.shape().x + 2 * plan.reach.x),
        stride_(scratch_row_bytes(width_, sizeof(double)) / std::int64_t{sizeof(double)}),
        plane_stride_((plan.rows_at_once() + 2 * plan.reach.y) * stride_),
        along_z_(reinterpret_cast<double*>(scratch)),
        along_y_(along_z_ + static_cast<std::int64_t>(plan.along_z.size()) * kPlanes * plane_stride_),
        merged_(along_y_ + static_cast<std::int64_t>(plan.along_y.size()) * kQuad * stride_),
        outside_(merged_ + kQuad * stride_) {}

  void run() {
    const Extent3 size = out_.shape();
    if (!plan_.along_one.empty()) return filter_voxels();
    for (std::int64_t z = 0; z < size.z; z += kPlanes)
      for (std::int64_t y = 0; y < size.y; y += plan_.rows_at_once())
        filter(z, std::min(kPlanes, size.z - z), y, std::min(plan_.rows_at_once(), size.y - y));
  }

 private:
  static constexpr std::int64_t kPlanes = FirPlan::kPlanes;

  /// The rows filtered along z: of plane `plane` of those at once, `row` counted from the first that is kept.
  double* along_z(std::size_t which, std::int64_t plane, std::int64_t row) const {
    return along_z_ + (static_cast<std::int64_t>(which) * kPlanes + plane) * plane_stride_ + row * stride_;
  }
  /// Columns filtered along y.
  double* along_y(std::size_t which) const {
    return along_y_ + static_cast<std::int64_t>(which) * kQuad * stride_;
  }

  void filter_voxels() {
    const Extent3 size = out_.shape();
    const std::array<std::int64_t, 3> steps{in_.plane_stride / std::int64_t{sizeof(T)},
                                            in_.row_stride / std::int64_t{sizeof(T)}, 1};
    std::vector<LastStep<T>> terms;
    for (const FirPlan::AlongOne& step : plan_.along_one)
      terms.push_back({nullptr, steps[step.axis], &step.taps});
    for (std::int64_t z = 0; z < size.z; ++z) {
      for (std::int64_t y = 0; y < size.y; ++y) {
        for (LastStep<T>& term : terms) term.centre = reinterpret_cast<const T*>(in_.row(z, y));
        if (merge_ == FirMerge::magnitude)
          merge_voxels<true>(terms, size.x, merged_);
        else
          merge_voxels<false>(terms, size.x, merged_);
        store_doubles(merged_, out_.dtype, out_.row(z, y), size.x, tally_);
      }
    }
  }

  void filter(std::int64_t z, std::int64_t planes, std::int64_t y, std::int64_t rows) {
    const std::int64_t known = y == 0 ? 0 : 2 * plan_.reach.y;
    if (known > 0) keep_last(planes, known);
    for (std::int64_t row = known; row < rows + 2 * plan_.reach.y; ++row)
      filter_z(z, planes, y - plan_.reach.y + row, row);
    for (std::int64_t plane = 0; plane < planes; ++plane) {
      for (std::int64_t row = 0; row < rows; row += kQuad) {
        filter_y(plane, row);
        filter_x(z + plane, y + row);
        for (std::int64_t i = 0; i < std::min(kQuad, rows - row); ++i)
          store_doubles(merged_ + i * stride_, out_.dtype, out_.row(z + plane, y + row + i), out_.shape().x,
                        tally_);
      }
    }
  }

  void keep_last(std::int64_t planes, std::int64_t count) {
    for (std::size_t i = 0; i < plan_.along_z.size(); ++i)
      for (std::int64_t plane = 0; plane < planes; ++plane)
        std::copy_n(along_z(i, plane, plan_.rows_at_once()), count * stride_, along_z(i, plane, 0));
  }

  void filter_z(std::int64_t z, std::int64_t planes, std::int64_t y, std::int64_t row) {
    const T* centre = reinterpret_cast<const T*>(in_.row(z, y)) - plan_.reach.x;
    const std::int64_t step = in_.plane_stride / std::int64_t{sizeof(T)};
    for (std::size_t i = 0; i < plan_.along_z.size(); ++i) {
      if (planes == kPlanes) {
        weigh_planes<kPlanes>(centre, step, plan_.along_z[i], width_, along_z(i, 0, row), plane_stride_);
        continue;
      }
      for (std::int64_t plane = 0; plane < planes; ++plane)
        weigh_planes<1>(centre + plane * step, step, plan_.along_z[i], width_, along_z(i, plane, row), 0);
    }
  }

  void filter_y(std::int64_t plane, std::int64_t row) {
    for (std::size_t i = 0; i < plan_.along_y.size(); ++i)
      weigh_rows(along_z(plan_.along_y[i].z, plane, row + plan_.reach.y), stride_, plan_.along_y[i].taps,
                 width_, along_y(i));
  }

  void filter_x(std::int64_t z, std::int64_t y) {
    last_.clear();
    for (const FirPlan::AlongX& step : plan_.along_x)
      last_.push_back({along_y(step.y) + plan_.reach.x * kQuad, kQuad, &step.taps});
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
  std::int64_t plane_stride_;
  double* along_z_;  ///< rows filtered along z
  double* along_y_;  ///< along y, too
  double* merged_;
  double* outside_;  ///< columns of what is added to the terms
  std::vector<LastStep<double>> last_;
};

void fir(const ConstBlock& in, const Block& out, const FirPlan& plan, FirMerge merge, std::byte* scratch,
         Tally& tally) {
  visit_dtype(in.dtype, [&](auto type) {
    FirBlock<typename decltype(type)::type>(in, out, plan, merge, scratch, tally).run();
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

std::int64_t FirPlan::scratch_bytes(const Extent3& block) const {
  const auto rows = kPlanes * static_cast<std::int64_t>(along_z.size()) * (rows_at_once() + 2 * reach.y) +
                    kRows * static_cast<std::int64_t>(along_y.size() + outside.size()) + kRows;
  return rows * scratch_row_bytes(block.x + 2 * reach.x, sizeof(double));
}

void fir_rows(const ConstBlock& in, const Block& out, const FirPlan& plan, FirMerge merge, std::byte* scratch,
              Tally& tally) {
  VOX_SIMD_CALL(fir)(in, out, plan, merge, scratch, tally);
}

}  // namespace vox
#endif  // HWY_ONCE
