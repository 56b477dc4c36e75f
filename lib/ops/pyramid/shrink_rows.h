// The loops under `Shrink`: several rows of one volume become one row of the next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/dtype.h"
#include "ops/pyramid/shrink.h"

namespace vox {

/// Of `rows` with `width` voxels each, `factor` columns at a time. Not for gaussian. All vector levels agree.
void shrink_rows(ShrinkMethod method, DType dtype, std::span<const std::byte* const> rows, std::int64_t width,
                 std::int64_t factor, std::byte* out);

/// Weighted sums of rows, then of columns from i * factor - taps / 2 + factor / 2 on; columns beyond the ends
/// are the last ones. All vector levels agree.
void shrink_weighted(DType dtype, std::span<const std::byte* const> rows, std::span<const double> row_weights,
                     std::int64_t width, std::int64_t factor, std::span<const double> column_weights,
                     std::byte* out);

}  // namespace vox
