// All that vstats says of a volume, in as few passes as exactness allows.
#pragma once

#include <optional>
#include <vector>

#include "ops/stats/equal_width.h"
#include "ops/stats/label_moments.h"
#include "ops/stats/moments.h"
#include "ops/stats/percentiles.h"
#include "ops/stats/profile.h"

namespace vox {

struct StatisticsRequest {
  std::vector<double> percentiles;
  std::int64_t bins = 256;
  std::optional<Axis> profile;
  std::optional<DType> labels;  ///< the type of the labels volume, the last one that passes show
};

/// Over finite voxels; see `Moments` and `Summary` for what stands where there are none.
struct Statistics {
  Summary summary;
  Moments moments;
  double median = 0;                ///< the mean of the two in the middle
  std::vector<double> percentiles;  ///< as asked for
  EqualWidthHistogram histogram;
  double entropy = 0;  ///< bits, of `histogram`
  double otsu = 0;     ///< one bin per value for integers up to 16 bits, else on `histogram`
  std::vector<Moments> profile;
  std::vector<LabelMoments> labels;
};

/// One pass for 8- and 16-bit types, two for 32-bit, up to four for 64-bit; float16 takes a second one for a
/// profile or labels. `run_pass` shows the volume, the mask if any, and the labels if asked for.
Statistics measure(DType dtype, const Extent3& shape, const StatisticsRequest& request,
                   const RunPass& run_pass);

/// True when `measure` reads the volume once.
bool one_pass(DType dtype, const StatisticsRequest& request);

}  // namespace vox
