// The loops under rank filters of any footprint.
#pragma once

#include "core/block.h"
#include "ops/filter/footprint.h"

namespace vox {

/// Fills `out`; see `Rank`. Types of 32 and 64 bits are numbered tile by tile in the order of their values,
/// and then treated as the 16-bit types are; where not even one neighbourhood can be numbered (more than
/// 65,280 voxels), each voxel is selected by itself. `scratch` holds `rank_scratch` bytes.
void rank_rows(const ConstBlock& in, const Block& out, const Footprint& footprint, std::int64_t rank,
               std::byte* scratch);
std::int64_t rank_scratch(const Footprint& footprint, DType dtype, const Extent3& block);

}  // namespace vox
