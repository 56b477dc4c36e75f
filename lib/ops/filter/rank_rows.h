// The loops under rank filters of any footprint.
#pragma once

#include "core/block.h"
#include "ops/filter/footprint.h"

namespace vox {

/// Fills `out`; see `Rank`. `scratch` holds `rank_scratch` bytes.
void rank_rows(const ConstBlock& in, const Block& out, const Footprint& footprint, std::int64_t rank,
               std::byte* scratch);
std::int64_t rank_scratch(const Footprint& footprint, DType dtype);

}  // namespace vox
