// One percentile for each of several sections of planes.
#pragma once

#include <cstdint>
#include <limits>

namespace vox {

/// Which voxels, and which of their percentiles.
struct PercentileRequest {
  double percent = 50;
  bool positive = false;  ///< only voxels above 0
  bool inside = false;    ///< only voxels inside the mask
};

/// Of the finite voxels that were asked for.
struct SectionPercentile {
  std::int64_t count = 0;
  double value = std::numeric_limits<double>::quiet_NaN();  ///< NaN when count is 0
};

}  // namespace vox
