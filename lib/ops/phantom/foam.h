// Foam as micro-CT shows it: bubbles of many sizes, thin walls where two meet, thick ones where three or four
// do.
#pragma once

#include "ops/phantom/phantom.h"

namespace vox {

/// Each cell of a grid, `kFoamCell` voxels wide and fixed at voxel (0, 0, 0), holds one bubble at a random
/// place and of a random radius. With q = (distance^2 - radius^2) / (2 radius) for each bubble (close to its
/// surface: the distance to it in voxels) and q1 <= q2 the two smallest, a voxel is air where q1 < 0 and q2 -
/// q1 exceeds the wall's thickness; both limits are blurred by a partial-volume ramp.
std::unique_ptr<Phantom> make_foam(const PhantomSettings& settings);

inline constexpr std::int64_t kFoamCell = 24;

/// The bubble of a cell: its centre relative to the cell's first voxel, and its radius, in voxels.
struct Bubble {
  float z = 0;
  float y = 0;
  float x = 0;
  float radius = 0;
};
Bubble foam_bubble(std::uint64_t seed, const Extent3& cell);

/// Grey value from the two smallest q.
struct FoamLook {
  float air = 0.21f;
  float wall = 0.64f;
  float thickness = 2.4f;  ///< of q2 - q1
  float ramp = 1.8f;       ///< width of the partial-volume ramp, in voxels
};

}  // namespace vox
