#include "ops/filter/neighbourhood.h"

#include <cmath>

#include "core/error.h"
#include "core/numbers.h"

namespace vox {

Vector3 lengths_in_voxels(const std::array<Length, 3>& lengths, const VolumeMeta& meta,
                          const std::string& option) {
  constexpr double kMost = 1e6;
  Vector3 result{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    result[axis] = length_in_voxels(lengths[axis], meta)[axis];
    if (!(result[axis] >= 0 && result[axis] <= kMost))
      fail_usage(option + ": " + format_number(result[axis]) + " voxels; give a length from 0 to 1000000");
  }
  return result;
}

Extent3 reach_in_voxels(const std::array<Length, 3>& lengths, const VolumeMeta& meta,
                        const std::string& option) {
  return Footprint(Shape::box, lengths_in_voxels(lengths, meta, option)).reach();
}

Extent3 halo_in_voxels(const std::array<Length, 3>& lengths, const VolumeMeta& meta,
                       const std::string& option) {
  constexpr double kMost = 1e5;
  constexpr double kSlack = 1e-9;  // lengths divided by spacings miss whole numbers by a few last places
  const auto rounded_up = [&](double length) {
    if (length > kMost) fail_usage(option + ": give at most 100000 voxels");
    return static_cast<std::int64_t>(std::ceil(length - kSlack));
  };
  const Vector3 exact = lengths_in_voxels(lengths, meta, option);
  return {rounded_up(exact[0]), rounded_up(exact[1]), rounded_up(exact[2])};
}

void Neighbourhood::declare_radius(Params& params) {
  params
      .value("radius", 'r', "R",
             "how far the neighbourhood reaches: Z,Y,X or one for all, in voxels (2) or a unit (5um), "
             "rounded down",
             radius)
      .default_is("1");
}

void Neighbourhood::declare(Params& params, std::vector<std::string> shapes) {
  declare_radius(params);
  params
      .value("footprint", 0, "SHAPE", "its shape; ball: the sum of (d/r)^2 is at most 1, r not rounded",
             shape)
      .one_of(std::move(shapes))
      .default_is("box");
}

Footprint Neighbourhood::footprint(const VolumeMeta& meta) const {
  constexpr std::int64_t kMostRows = std::int64_t{2001} * 2001;
  const Footprint result(shape, lengths_in_voxels(radius, meta, "--radius"));
  const Extent3 reach = result.reach();
  if (shape != Shape::box && (2 * reach.z + 1) * (2 * reach.y + 1) > kMostRows)
    fail_usage("--radius: give a length of at most 1000 voxels for a footprint that is no box");
  return result;
}

}  // namespace vox
