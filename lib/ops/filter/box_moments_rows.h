// The loops under moments of neighbourhoods.
#pragma once

#include "core/block.h"
#include "core/tally.h"
#include "ops/filter/box_moments.h"

namespace vox {

/// Sums of doubles are shared by so many planes and rows (`group_sums-inl.h`).
constexpr std::int64_t kMomentsGroup = 4;

/// True where the moments of voxels of type `from` are made of running sums, which can go on from slab to
/// slab.
bool box_moments_run(Moment moment, DType from);

/// See `Kernel::apply_on`.
struct Carried {
  std::byte* sums = nullptr;  ///< `box_moments_carried` bytes; none: nothing goes on
  bool begins = true;
};

/// Fills `out`; see `BoxMoments`. `scratch` holds `box_moments_scratch` bytes.
void box_moments_rows(Moment moment, const ConstBlock& in, const Block& out, const Footprint& footprint,
                      std::byte* scratch, const Carried& carried, Tally& tally);
/// Rows of sums that a window of voxels, or of their squares, works in.
std::int64_t box_moments_window_rows(const Extent3& block, const Extent3& reach, bool run);
std::int64_t box_moments_scratch(const Extent3& block, const Extent3& reach, bool run);
std::int64_t box_moments_carried(std::int64_t rows, std::int64_t columns, const Extent3& reach);

}  // namespace vox
