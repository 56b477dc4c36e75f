#include "ops/intensity/plane_floors.h"

#include <algorithm>
#include <cmath>

namespace vox {
namespace {

/// Floors where there is none, on a line between the planes around; level beyond the first and the last.
void fill_gaps(std::vector<double>& floors) {
  const auto known = [](double floor) { return !std::isnan(floor); };
  auto left = floors.end();
  for (auto gap = floors.begin(); gap != floors.end(); ++gap) {
    if (known(*gap)) {
      left = gap;
      continue;
    }
    const auto right = std::find_if(gap, floors.end(), known);
    if (left == floors.end() && right == floors.end())
      *gap = 0;
    else if (right == floors.end())
      *gap = *left;
    else if (left == floors.end())
      *gap = *right;
    else
      *gap = *left + (*right - *left) * (static_cast<double>(gap - left) / static_cast<double>(right - left));
  }
}

}  // namespace

PlaneFloors plane_floors(std::span<const SectionPercentile> background,
                         std::span<const SectionPercentile> caps) {
  PlaneFloors result;
  for (const SectionPercentile& plane : background) {
    result.floor.push_back(plane.value);
    result.without_background += plane.count == 0 ? 1 : 0;
  }
  fill_gaps(result.floor);
  for (std::size_t z = 0; z < caps.size(); ++z) {
    result.cap.push_back(caps[z].value);
    if (caps[z].count > 0) result.scale = std::max(result.scale, caps[z].value - result.floor[z]);
  }
  return result;
}

std::vector<Stretch> stretches_of(const PlaneFloors& floors) {
  std::vector<Stretch> stretches;
  const double factor = floors.scale > 0 ? 1 / floors.scale : 0;
  for (std::size_t z = 0; z < floors.floor.size(); ++z) {
    const double floor = floors.floor[z];
    stretches.push_back(
        {floor, std::isnan(floors.cap[z]) ? floor : std::max(floors.cap[z], floor), floor, factor});
  }
  return stretches;
}

}  // namespace vox
