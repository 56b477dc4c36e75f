// What a histogram says: entropy and Otsu's threshold.
#pragma once

#include <cstdint>
#include <span>

#include "ops/stats/equal_width.h"

namespace vox {

/// Shannon entropy in bits; 0 for an empty histogram.
double entropy_bits(std::span<const std::int64_t> counts);

/// scikit-image's threshold_otsu from counts and the centres of their bins: the first of equally good
/// thresholds. Values above it are foreground. REQUIRES: counts.front() > 0 and counts.back() > 0, at least
/// two bins.
double otsu_threshold(std::span<const std::int64_t> counts, std::span<const double> centres);

/// Otsu's threshold with one bin per value. NaN without finite voxels, the value itself when there is only
/// one. REQUIRES: an integer type of up to 16 bits.
double otsu_from_counts(const HistogramReducer& first);
/// Otsu's threshold on equal-width bins, in `dtype`'s arithmetic; as above for none and one value.
double otsu_from_bins(const EqualWidthHistogram& histogram, const Summary& summary, DType dtype);

}  // namespace vox
