// The loops under the median of 5 x 5 x 5 voxels.
#pragma once

#include "core/block.h"

namespace vox {

inline constexpr std::int64_t kMedian125Line = 320;   ///< bytes of a line of scratch, half of a tile's voxels
inline constexpr std::int64_t kMedian125Lines = 272;  ///< 90 of them serve the stages along x, and stay in L1

/// Fills `out`; see `Rank`. `scratch` holds `kMedian125Lines` lines.
void median125_rows(const ConstBlock& in, const Block& out, std::byte* scratch);

}  // namespace vox
