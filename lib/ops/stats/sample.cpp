#include "ops/stats/sample.h"

#include <algorithm>
#include <cmath>

#include "ops/stats/percentiles.h"

namespace vox {
namespace {

constexpr std::int64_t kMostVoxels = 1'000'000;

}  // namespace

SampleReducer::SampleReducer(DType dtype, const Extent3& volume)
    : dtype_(dtype), volume_(volume), step_((voxels(volume) + kMostVoxels - 1) / kMostVoxels) {}

void SampleReducer::observe(std::span<const ConstBlock> blocks) {
  const ConstBlock& block = blocks[0];
  const Extent3 size = block.shape();
  visit_dtype(dtype_, [&](auto type) {
    using T = typename decltype(type)::type;
    for (std::int64_t z = 0; z < size.z; ++z) {
      for (std::int64_t y = 0; y < size.y; ++y) {
        const auto* row = reinterpret_cast<const T*>(block.row(z, y));
        const std::int64_t first = ((block.box.begin.z + z) * volume_.y + block.box.begin.y + y) * volume_.x;
        for (std::int64_t x = (step_ - first % step_) % step_; x < size.x; x += step_)
          if (const double value = as_double(row[x]); std::isfinite(value)) values_.push_back(value);
      }
    }
  });
}

void SampleReducer::merge(const Reducer& other) {
  const auto& that = static_cast<const SampleReducer&>(other);
  values_.insert(values_.end(), that.values_.begin(), that.values_.end());
}

bool SampleReducer::exchange(KeptState& state) {
  state.list(values_);
  return true;
}

std::int64_t SampleReducer::memory_bytes() const {
  return std::min(kMostVoxels, voxels(volume_)) * static_cast<std::int64_t>(sizeof(double));
}

std::vector<double> SampleReducer::percentiles(std::span<const double> wanted) const {
  std::vector<double> sorted = values_;
  std::sort(sorted.begin(), sorted.end());
  std::vector<double> result;
  for (const double percentile : wanted) {
    if (sorted.empty()) {
      result.push_back(std::nan(""));
      continue;
    }
    const PercentilePlace place = percentile_place(percentile, static_cast<std::int64_t>(sorted.size()));
    result.push_back(interpolate(sorted[static_cast<std::size_t>(place.below)],
                                 sorted[static_cast<std::size_t>(place.above)], place.weight));
  }
  return result;
}

}  // namespace vox
