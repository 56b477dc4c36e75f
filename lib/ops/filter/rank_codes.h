// The loops under rank filters of any footprint on 8- and 16-bit codes.
#pragma once

#include "core/block.h"
#include "ops/filter/footprint.h"

namespace vox {

/// Fills `out` with the voxel number `rank` (from 0) of each sorted neighbourhood. `in` and `out` are of one
/// dtype of 8 or 16 bits. In float16 and with `top_is_nan` (uint16) a neighbourhood with a NaN, or with a
/// code of at least 0xff00, gives the largest code in it.
///
/// Boxes count the voxels of every column of the window, which move with y, and add and take away whole
/// columns along x (Perreault and Hebert, Median filtering in constant time, 2007, with planes for their
/// columns); other footprints add and take away the ends of their chords (Huang 1979). The upper eight bits
/// are counted so; the lower eight only for those voxels whose upper bits are the result's, in a second set
/// of counts that stays while those bits do. `scratch` holds `rank_codes_scratch` bytes.
void rank_codes(const ConstBlock& in, const Block& out, const Footprint& footprint, std::int64_t rank,
                bool top_is_nan, std::byte* scratch);
std::int64_t rank_codes_scratch(const Footprint& footprint, DType dtype);

}  // namespace vox
