// Histogram equalisation: the curve that makes all intensities equally frequent.
#pragma once

#include "core/meta.h"
#include "ops/intensity/curve_map.h"
#include "ops/stats/percentiles.h"

namespace vox {

struct Equalization {
  Summary summary;  ///< of the voxels inside the mask
  Curves curve;
};

/// The cumulative histogram of the finite voxels, from 0 to 1 stretched to `to`, at the centres of its bins:
/// one bin for each value from the smallest to the largest of integer types up to 16 bits, else `bins` of
/// equal width, as scikit-image's equalize_hist takes them; where that is one value, it becomes the middle of
/// `to`. Without finite voxels a level curve at to.low.
/// One pass for types of up to 16 bits, else two.
Equalization equalizing_curve(DType dtype, std::int64_t bins, const Range& to, const RunPass& run_pass);

}  // namespace vox
