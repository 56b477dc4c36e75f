// Mean, standard deviation and sum with the same digits in whatever order voxels come: whole volumes and any
// part.
#pragma once

#include <cstdint>
#include <limits>

#include "ops/stats/fixed_sum.h"
#include "ops/stats/histogram_reducer.h"
#include "ops/stats/percentiles.h"
#include "ops/stats/segment_sums.h"

namespace vox {

/// Of finite voxels; NaN where there are none (`sum`: 0).
struct Moments {
  std::int64_t count = 0;
  double mean = std::numeric_limits<double>::quiet_NaN();
  double std = std::numeric_limits<double>::quiet_NaN();  ///< population
  double min = std::numeric_limits<double>::quiet_NaN();
  double max = std::numeric_limits<double>::quiet_NaN();
  double sum = 0;
};

/// How to take sums of the volume of a first pass.
SegmentSource segment_source(const HistogramReducer& first);
/// The scale for the volume of a first pass: its centre is near the mean, whole for integers.
SumScale sum_scale(const HistogramReducer& first);
/// The scale for any volume of an integer type of up to 16 bits, for which no first pass is needed.
SumScale sum_scale(DType dtype);

/// Sums on their way to moments.
class MomentSums {
 public:
  /// Adds a segment of `count` >= 1 finite voxels.
  void add(const SegmentSums& segment, std::int64_t count);
  /// Adds `times` voxels of one value.
  void add(double value, std::int64_t times, const SumScale& scale);
  void add(const MomentSums& other);
  void exchange(KeptState& state);
  Moments moments(const SumScale& scale) const;

 private:
  std::int64_t count_ = 0;
  double min_ = std::numeric_limits<double>::infinity();
  double max_ = -std::numeric_limits<double>::infinity();
  FixedSum sum_;
  FixedSum squares_;
};

/// Moments of the whole volume, inside the mask blocks[1] if there is one. After a first pass.
class MomentsReducer final : public Reducer {
 public:
  explicit MomentsReducer(const HistogramReducer& first);

  std::unique_ptr<Reducer> empty() const override;
  void observe(std::span<const ConstBlock> blocks) override;
  void merge(const Reducer& other) override;
  bool exchange(KeptState& state) override;
  std::int64_t memory_bytes() const override { return 2 * std::int64_t{sizeof(double)} * 4096; }

  Moments moments() const { return sums_.moments(source_.scale); }

 private:
  MomentsReducer(const SegmentSource& source, const Summary& summary) : source_(source), summary_(summary) {}

  SegmentSource source_;
  Summary summary_;  ///< knows the extremes
  MomentSums sums_;
};

/// Moments from the whole histogram of an 8- or 16-bit type. REQUIRES: first.whole().
Moments moments_from_counts(const HistogramReducer& first);

/// Moments of a volume in one pass (8- and 16-bit types) or two.
Moments exact_moments(DType dtype, const RunPass& run_pass);

}  // namespace vox
