// Approximate percentiles from every n-th voxel.
#pragma once

#include <span>
#include <vector>

#include "core/dtype.h"
#include "core/extent.h"
#include "ops/reducer.h"

namespace vox {

/// Keeps the finite ones of every n-th voxel in scan order, at most 1,000,000 in all.
class SampleReducer final : public Reducer {
 public:
  SampleReducer(DType dtype, const Extent3& volume);

  std::unique_ptr<Reducer> empty() const override { return std::make_unique<SampleReducer>(dtype_, volume_); }
  void observe(std::span<const ConstBlock> blocks) override;
  void merge(const Reducer& other) override;
  bool exchange(KeptState& state) override;
  std::int64_t memory_bytes() const override;

  /// Percentiles of the sample, interpolated as the exact ones; NaN without voxels.
  std::vector<double> percentiles(std::span<const double> wanted) const;

 private:
  DType dtype_;
  Extent3 volume_;
  std::int64_t step_;
  std::vector<double> values_;
};

}  // namespace vox
