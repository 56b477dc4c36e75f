#include "ops/intensity/clahe_grid.h"

#include <algorithm>

namespace vox {

TileAxis::TileAxis(std::int64_t size, std::int64_t kernel)
    : size_(size), kernel_(kernel), mirrored_(static_cast<std::size_t>(size)) {
  const std::int64_t period = std::max<std::int64_t>(2 * (size - 1), 1);
  for (std::int64_t i = size; i < tiles() * kernel; ++i) {
    const std::int64_t within = i % period;
    ++mirrored_[static_cast<std::size_t>(within < size ? within : period - within)];
  }
}

TileAxis::Place TileAxis::place(std::int64_t index) const {
  const std::int64_t from_first_centre = index + kernel_ / 2;
  const std::int64_t cell = from_first_centre / kernel_;
  const std::int64_t last = tiles() - 1;
  return {
      std::clamp<std::int64_t>(cell - 1, 0, last), std::min(cell, last),
      static_cast<float>(static_cast<double>(from_first_centre % kernel_) / static_cast<double>(kernel_))};
}

Interval TileAxis::seen_by(const Interval& run) const {
  Interval seen{run.begin * kernel_, std::min(run.end * kernel_, size_)};
  if (run.end < tiles()) return seen;
  const auto first = std::find_if(mirrored_.begin(), mirrored_.end(), [](std::int64_t n) { return n > 0; });
  if (first != mirrored_.end()) seen.begin = std::min(seen.begin, first - mirrored_.begin());
  return seen;
}

Interval TileAxis::that_see(const Interval& voxels) const {
  const auto from = mirrored_.begin();
  const bool mirrored =
      std::any_of(from + voxels.begin, from + voxels.end, [](std::int64_t n) { return n > 0; });
  return {tile_of(voxels.begin), mirrored ? tiles() : tile_of(voxels.end - 1) + 1};
}

}  // namespace vox
