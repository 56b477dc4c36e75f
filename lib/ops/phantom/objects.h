// Separate objects, one in each cell of a grid: round beads, wavy fibres. Good for counting and measuring:
// the number of objects is known.
#pragma once

#include "ops/phantom/phantom.h"

namespace vox {

/// Each cell, `kBeadCell` voxels wide and fixed at voxel (0, 0, 0), holds one bright sphere that stays inside
/// it, so that no two touch. With q = (distance^2 - radius^2) / (2 radius), a voxel is bead where q < -1/2,
/// background where q > 1/2, and in between linearly.
std::unique_ptr<Phantom> make_beads(const PhantomSettings& settings);

/// Each column of cells, `kFibreCell` voxels wide in y and x, holds one fibre that runs along z and sways
/// inside of it: its centre is an offset plus an amplitude times a parabolic wave of z, a wave for each of y
/// and x. Surface as for beads, with the distance within the plane.
std::unique_ptr<Phantom> make_fibres(const PhantomSettings& settings);

inline constexpr std::int64_t kBeadCell = 24;
inline constexpr std::int64_t kFibreCell = 20;

/// A disc in one plane: a cut through a bead or a fibre.
struct Disc {
  float y = 0;       ///< centre relative to the cell's first voxel
  float x = 0;       ///< likewise
  float radius = 0;  ///< of the object, not of the cut
  float dz2 = 0;     ///< square of the plane's distance to the centre; 0 for fibres
  float grey = 0;
};
/// The cut through the bead of `cell` in plane `z`.
Disc bead_in_plane(std::uint64_t seed, const Extent3& cell, std::int64_t z);
/// The cut through the fibre of the column of `cell` (its z is not used) in plane `z`.
Disc fibre_in_plane(std::uint64_t seed, const Extent3& cell, std::int64_t z);

inline constexpr float kBeadBackground = 0.1f;
inline constexpr float kFibreBackground = 0.3f;

}  // namespace vox
