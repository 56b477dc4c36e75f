#include "ops/stats/plane_percentiles.h"

#include <algorithm>
#include <limits>

#include "ops/stats/inside.h"
#include "ops/stats/segment_sums.h"

namespace vox {

PlanePercentiles::PlanePercentiles(DType dtype, const Extent3& shape, std::vector<PercentileRequest> requests)
    : dtype_(dtype),
      shape_(shape),
      requests_(std::move(requests)),
      results_(requests_.size(), std::vector<SectionPercentile>(static_cast<std::size_t>(shape.z))) {}

std::unique_ptr<Reducer> PlanePercentiles::empty() const {
  return std::make_unique<PlanePercentiles>(dtype_, shape_, requests_);
}

std::int64_t PlanePercentiles::memory_bytes() const {
  return static_cast<std::int64_t>(requests_.size()) *
         (RankSelector::bytes(dtype_, shape_.y * shape_.x) +
          shape_.z * static_cast<std::int64_t>(sizeof(SectionPercentile)));
}

void PlanePercentiles::observe(std::span<const ConstBlock> blocks) {
  if (selectors_.empty())
    for (const PercentileRequest& request : requests_)
      selectors_.emplace_back(dtype_, shape_.y * shape_.x, request.positive);
  const Extent3 size = blocks[0].shape();
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::size_t i = 0; i < requests_.size(); ++i) {
      RankSelector& selector = selectors_[i];
      const auto shown = requests_[i].inside ? blocks : blocks.first(1);
      selector.clear();
      for (std::int64_t y = 0; y < size.y; ++y)
        for_each_segment_inside(
            shown, z, y, [&](const std::byte* voxels, std::int64_t count) { selector.take(voxels, count); });
      results_[i][static_cast<std::size_t>(blocks[0].box.begin.z + z)] = {
          selector.count(), selector.percentile(requests_[i].percent)};
    }
}

void PlanePercentiles::merge(const Reducer& other_reducer) {
  const auto& other = static_cast<const PlanePercentiles&>(other_reducer);
  for (std::size_t i = 0; i < results_.size(); ++i)
    for (std::size_t z = 0; z < results_[i].size(); ++z)
      if (other.results_[i][z].count > 0) results_[i][z] = other.results_[i][z];
}

void PositiveCount::observe(std::span<const ConstBlock> blocks) {
  const DType dtype = blocks[0].dtype;
  const Extent3 size = blocks[0].shape();
  double values[kSegment];
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::int64_t y = 0; y < size.y; ++y)
      for_each_segment_inside(blocks, z, y, [&](const std::byte* voxels, std::int64_t count) {
        to_doubles(voxels, dtype, count, values);
        for (std::int64_t i = 0; i < count; ++i)
          count_ += values[i] > 0 && values[i] <= std::numeric_limits<double>::max();
      });
}

}  // namespace vox
