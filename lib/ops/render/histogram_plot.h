// The histogram of a volume as a picture for papers and reports.
#pragma once

#include <span>
#include <string>

#include "ops/render/canvas.h"
#include "ops/stats/statistics.h"

namespace vox {

/// Counts on a logarithmic scale, the cumulative share, lines at `percentiles` (those that `statistics` holds
/// values for) and at Otsu's threshold.
void draw_histogram(const Statistics& statistics, std::span<const double> percentiles,
                    const std::string& title, const PictureOutput& output);

}  // namespace vox
