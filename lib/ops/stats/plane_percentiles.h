// Exact percentiles of every plane, in one pass, for planes that fit the memory.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/extent.h"
#include "ops/reducer.h"
#include "ops/stats/rank_selector.h"
#include "ops/stats/section_percentile.h"

namespace vox {

/// Blocks are whole planes. Requests with `inside` look at blocks[1], a mask. Holds the plane twice for types
/// of more than 16 bits.
class PlanePercentiles final : public Reducer {
 public:
  PlanePercentiles(DType dtype, const Extent3& shape, std::vector<PercentileRequest> requests);

  std::unique_ptr<Reducer> empty() const override;
  void observe(std::span<const ConstBlock> blocks) override;
  void merge(const Reducer& other) override;
  std::int64_t row_multiple() const override { return shape_.y; }
  std::int64_t memory_bytes() const override;

  /// Of a request, for each plane in order.
  const std::vector<SectionPercentile>& of(std::size_t request) const { return results_[request]; }

 private:
  DType dtype_;
  Extent3 shape_;
  std::vector<PercentileRequest> requests_;
  std::vector<std::vector<SectionPercentile>> results_;
  std::vector<RankSelector> selectors_;  ///< of each request, made when the first plane comes
};

/// Counts finite voxels above 0, inside the mask blocks[1] if there is one.
class PositiveCount final : public Reducer {
 public:
  std::unique_ptr<Reducer> empty() const override { return std::make_unique<PositiveCount>(); }
  void observe(std::span<const ConstBlock> blocks) override;
  void merge(const Reducer& other) override { count_ += static_cast<const PositiveCount&>(other).count_; }
  std::int64_t memory_bytes() const override { return std::int64_t{1} << 15; }

  std::int64_t count() const { return count_; }

 private:
  std::int64_t count_ = 0;
};

}  // namespace vox
