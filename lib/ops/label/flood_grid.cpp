#include "ops/label/flood_grid.h"

#include <algorithm>
#include <cstdlib>

namespace vox {

FloodGrid::FloodGrid(const Extent3& shape, Connectivity connectivity) : shape_(shape) {
  const std::int64_t reach_z = shape.z > 1 ? 1 : 0;
  const std::int64_t reach_y = shape.y > 1 ? 1 : 0;
  const std::int64_t reach_x = shape.x > 1 ? 1 : 0;
  row_pitch_ = shape.x + reach_x;
  plane_pitch_ = row_pitch_ * (shape.y + reach_y);
  margin_ = reach_z * plane_pitch_ + reach_y * row_pitch_ + reach_x;
  size_ = shape.z * plane_pitch_ + 2 * margin_;
  const std::int64_t farthest = connectivity == Connectivity::faces   ? 1
                                : connectivity == Connectivity::edges ? 2
                                                                      : 3;
  for (std::int64_t far = 1; far <= farthest; ++far)
    for (std::int64_t z = -reach_z; z <= reach_z; ++z)
      for (std::int64_t y = -reach_y; y <= reach_y; ++y)
        for (std::int64_t x = -reach_x; x <= reach_x; ++x)
          if (std::abs(z) + std::abs(y) + std::abs(x) == far)
            neighbours_.push_back(z * plane_pitch_ + y * row_pitch_ + x);
}

}  // namespace vox
