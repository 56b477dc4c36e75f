// The loops under moments of neighbourhoods.
#pragma once

#include "core/block.h"
#include "core/tally.h"
#include "ops/filter/box_moments.h"

namespace vox {

/// Fills `out`; see `BoxMoments`. `scratch` holds `box_moments_scratch` bytes.
void box_moments_rows(Moment moment, const ConstBlock& in, const Block& out, const Footprint& footprint,
                      std::byte* scratch, Tally& tally);
std::int64_t box_moments_scratch(const Extent3& block, const Extent3& reach);

}  // namespace vox
