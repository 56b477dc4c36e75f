// Voxels of any type as 16-bit numbers that sort like them.
#pragma once

#include "core/block.h"

namespace vox {

/// At most so many voxels can be numbered: the codes from 0xff00 on are for NaN.
inline constexpr std::int64_t kMostOrdinals = 0xff00;

/// Bytes of scratch for `count` voxels of 4 or 8 bytes.
std::int64_t ordinals_scratch(std::int64_t count);

/// Numbers the voxels of a dense block in the order of their values, equal ones alike (-0 below +0), all NaN
/// 0xffff. Gives the table from numbers to voxels of `in.dtype`, which lies in `scratch`. Radix sort, about
/// as fast as memory.
const std::byte* ordinals(const ConstBlock& in, std::uint16_t* codes, std::byte* scratch);

/// Voxels from their numbers.
void from_ordinals(const std::uint16_t* codes, std::int64_t count, const std::byte* table, DType dtype,
                   std::byte* out);

}  // namespace vox
