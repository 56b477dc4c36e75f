// Runs of background inside objects become part of them.
#pragma once

#include "ops/label/paint_runs.h"

namespace vox {

/// In `rows` dense rows of `width` voxels of `size` bytes, each run whose object has a flag gets the value of
/// the voxel before it. REQUIRES: no such run begins a row.
template <class C>
void fill_rows(const RunView<C>& runs, std::int64_t rows, std::int64_t width, std::int64_t size,
               const std::uint8_t* flags, std::byte* voxels);

extern template void fill_rows(const RunView<std::uint16_t>&, std::int64_t, std::int64_t, std::int64_t,
                               const std::uint8_t*, std::byte*);
extern template void fill_rows(const RunView<std::uint32_t>&, std::int64_t, std::int64_t, std::int64_t,
                               const std::uint8_t*, std::byte*);

}  // namespace vox
