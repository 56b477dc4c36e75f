// The loops under the median of 3 x 3 x 3 voxels.
#pragma once

#include "core/block.h"

namespace vox {

/// Fills `out`; see `Rank`. `scratch` holds `median27_scratch` bytes.
void median27_rows(const ConstBlock& in, const Block& out, std::byte* scratch);
std::int64_t median27_scratch(const Extent3& block, DType dtype);

}  // namespace vox
