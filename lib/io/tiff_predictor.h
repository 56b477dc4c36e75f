// TIFF predictors: differences between neighbours in a row, which compress better than the voxels themselves.
#pragma once

#include <cstdint>
#include <span>

#include "core/dtype.h"
#include "io/tiff_tags.h"

namespace vox {

/// Rows of `row_values` values of `dtype`, in which a pixel's neighbour is `step` values away.
struct PredictorRows {
  DType dtype = DType::uint8;
  std::int64_t row_values = 0;
  std::int64_t step = 1;
};

/// Turns stored differences into voxels in this machine's byte order, in place. `swapped`: the stored ones
/// have the other order; predictor `floating_point` has an order of its own and ignores it. Works without
/// predictor, too: then it only swaps. REQUIRES: whole rows; `scratch_row` holds one row.
void undo_predictor(TiffPredictor predictor, const PredictorRows& rows, bool swapped,
                    std::span<std::byte> data, std::span<std::byte> scratch_row);

/// The opposite, to little-endian differences (`floating_point`: to its own order).
void apply_predictor(TiffPredictor predictor, const PredictorRows& rows, std::span<std::byte> data,
                     std::span<std::byte> scratch_row);

}  // namespace vox
