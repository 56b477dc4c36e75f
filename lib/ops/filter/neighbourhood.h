// The options --radius and --footprint, which many filters have.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "core/params.h"
#include "ops/filter/footprint.h"

namespace vox {

/// Lengths that a user gave for the axes, in voxels. Throws a usage error that begins with `option` for
/// negative ones, and for more than a million voxels.
Vector3 lengths_in_voxels(const std::array<Length, 3>& lengths, const VolumeMeta& meta,
                          const std::string& option);

/// The same in whole voxels, rounded down: how far a box of that radius reaches.
Extent3 reach_in_voxels(const std::array<Length, 3>& lengths, const VolumeMeta& meta,
                        const std::string& option);

/// The same in whole voxels, rounded up, so that a neighbourhood of that length is seen; at most 100,000.
Extent3 halo_in_voxels(const std::array<Length, 3>& lengths, const VolumeMeta& meta,
                       const std::string& option);

/// What a user says of the neighbourhood.
struct Neighbourhood {
  std::array<Length, 3> radius{{{1, {}}, {1, {}}, {1, {}}}};
  Shape shape = Shape::box;

  void declare_radius(Params& params);
  /// REQUIRES: `shapes` are names of shapes.
  void declare(Params& params, std::vector<std::string> shapes);
  Footprint footprint(const VolumeMeta& meta) const;
};

}  // namespace vox
