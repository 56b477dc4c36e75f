// The loops under a linear stretch.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/dtype.h"
#include "core/meta.h"
#include "core/tally.h"

namespace vox {

/// What `Rescale` says, computed for each voxel.
void rescale_voxels(DType from_dtype, const std::byte* in, DType to_dtype, std::byte* out, std::int64_t count,
                    const Range& from, const Range& to, Tally& tally);

/// The same by a table of outputs, one for each bit pattern of the 8- or 16-bit integer input.
void rescale_by_table(DType from_dtype, const std::byte* in, DType to_dtype, std::byte* out,
                      std::int64_t count, const std::byte* table, const Range& from, Tally& tally);

}  // namespace vox
