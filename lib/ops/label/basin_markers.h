// Markers where nobody gave any: the bottoms of basins that are deep enough.
#pragma once

#include "ops/label/watershed.h"

namespace vox {

/// Labels 1, 2, ... in scan order of their first voxels for the extended minima of `depth`: the volume is
/// raised by `depth` and eroded down to itself again (morphological reconstruction inside the free voxels),
/// which fills every basin that is not deeper; what is then a regional minimum - a connected plateau without
/// a lower neighbour - is a marker. Every connected part of the free voxels has at least one. Integers:
/// `depth` is a whole number. Levels of NaN are as high as can be.
/// Writes labels (of 4 bytes) and takes their voxels out of the free ones; returns how many labels. Throws
/// when there are more than fit.
/// Method: L. Vincent, "Morphological grayscale reconstruction in image analysis", 1993 (its hybrid
/// algorithm); P. Soille, "Morphological Image Analysis", 2003, chapter 6.
std::int64_t mark_basins(const FloodVolume& volume, double depth);
/// Memory that `mark_basins` takes at most.
std::int64_t mark_basins_scratch(const FloodGrid& grid, DType dtype);

}  // namespace vox
