// What is subtracted from each plane, and what all are divided by, from percentiles of the planes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ops/intensity/plane_stretch.h"
#include "ops/stats/section_percentile.h"

namespace vox {

/// One floor and one cap for each plane.
struct PlaneFloors {
  std::vector<double> floor;
  std::vector<double> cap;  ///< NaN in planes without a finite voxel
  double scale = 0;         ///< the largest cap - floor
  std::int64_t without_background =
      0;  ///< planes whose floor was interpolated, or is 0 when there are no others
};

/// `background`: medians of the background of each plane; `caps`: percentiles of all of its voxels.
PlaneFloors plane_floors(std::span<const SectionPercentile> background,
                         std::span<const SectionPercentile> caps);

/// Clip to [floor, cap], subtract the floor, divide by the scale; everything becomes 0 when there is no
/// scale.
std::vector<Stretch> stretches_of(const PlaneFloors& floors);

}  // namespace vox
