#include "ops/filter/footprint.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>

#include "core/error.h"

namespace vox {
namespace {

// Lengths divided by spacings miss whole numbers, and sums of squares miss 1, by a few units in the last
// place.
constexpr double kSlack = 1e-9;

std::int64_t whole_steps(double radius) { return static_cast<std::int64_t>(std::floor(radius + kSlack)); }

double squared_share(std::int64_t distance, double radius) {
  if (distance == 0) return 0;
  const double share = static_cast<double>(distance) / radius;
  return share * share;
}

}  // namespace

void parse_value(std::string_view text, Shape& shape) {
  constexpr std::string_view kNames[] = {"box", "ball", "cross"};
  const auto* found = std::find(std::begin(kNames), std::end(kNames), text);
  if (found == std::end(kNames))
    fail_usage("unknown footprint '" + std::string(text) + "'; known: box, ball, cross");
  shape = static_cast<Shape>(found - std::begin(kNames));
}

Footprint::Footprint(Shape shape, const Vector3& radius)
    : shape_(shape),
      radius_(radius),
      reach_{whole_steps(radius[0]), whole_steps(radius[1]), whole_steps(radius[2])} {}

std::int64_t Footprint::chord(std::int64_t dz, std::int64_t dy) const {
  if (std::abs(dz) > reach_.z || std::abs(dy) > reach_.y) return -1;
  if (shape_ == Shape::box) return reach_.x;
  if (shape_ == Shape::cross) return dz == 0 && dy == 0 ? reach_.x : dz == 0 || dy == 0 ? 0 : -1;
  const double rest = 1 + kSlack - squared_share(dz, radius_[0]) - squared_share(dy, radius_[1]);
  if (rest < 0) return -1;
  std::int64_t half = std::min(reach_.x, static_cast<std::int64_t>(std::sqrt(rest) * radius_[2]) + 1);
  while (squared_share(half, radius_[2]) > rest) --half;
  return half;
}

std::int64_t Footprint::count() const {
  if (shape_ == Shape::box) return voxels({2 * reach_.z + 1, 2 * reach_.y + 1, 2 * reach_.x + 1});
  std::int64_t sum = 0;
  for (std::int64_t dz = -reach_.z; dz <= reach_.z; ++dz)
    for (std::int64_t dy = -reach_.y; dy <= reach_.y; ++dy)
      sum += std::max<std::int64_t>(0, 2 * chord(dz, dy) + 1);
  return sum;
}

}  // namespace vox
