// The histogram of a volume as a picture for papers and reports.
#pragma once

#include <span>
#include <string>

#include "ops/stats/statistics.h"

namespace vox {

/// An SVG picture: counts on a logarithmic scale, the cumulative share, lines at `percentiles` (those that
/// `statistics` holds values for) and at Otsu's threshold.
std::string histogram_svg(const Statistics& statistics, std::span<const double> percentiles,
                          const std::string& title);

}  // namespace vox
