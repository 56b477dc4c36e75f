// Statistics as text: a table for people, JSON and CSV for programs.
#pragma once

#include <span>
#include <string>

#include "ops/stats/statistics.h"

namespace vox {

/// A table with a small drawn histogram (bars on a logarithmic scale), at most `width` columns wide; then the
/// profile and the labels if there are any.
std::string statistics_table(const Statistics& statistics, const StatisticsRequest& request,
                             const std::string& title, int width);

/// The keys of share/schema/vstats.schema.json; null where there are no finite voxels.
std::string statistics_json(const Statistics& statistics, const StatisticsRequest& request);

/// A header line and one line of values (percentiles as `p0.1`); with a profile or labels asked for, a line
/// for each plane or label instead. Empty fields where there are no finite voxels.
std::string statistics_csv(const Statistics& statistics, const StatisticsRequest& request);

}  // namespace vox
