// The most frequent values of boxes.
#pragma once

#include <cstddef>
#include <span>

#include "core/dtype.h"
#include "ops/resample/taps.h"

namespace vox {

/// One row of results from the rows of a volume that its boxes reach; `columns` says which voxels of them.
void mode_of_boxes(DType dtype, std::span<const std::byte* const> rows, const Taps& columns, std::byte* out);

}  // namespace vox
