// The head phantom of Shepp and Logan (1974) in three dimensions.
#pragma once

#include <span>

#include "ops/phantom/phantom.h"

namespace vox {

/// An ellipsoid that adds `tenths` of white inside. Lengths in halves of the volume's axes, whose centre is
/// 0; x points to the right, y up (towards row 0), z towards the last plane. Turned about z by the angle
/// whose cosine and sine stand here, counter-clockwise.
struct Ellipsoid {
  float tenths;
  double half_x, half_y, half_z;
  double x, y, z;
  double cosine, sine;
};
/// Ten of them, with the contrast of Toft (1996), the third axis as usual in reconstruction software.
std::span<const Ellipsoid> shepp_logan_ellipsoids();

/// Fills the shape, like `gradient`. A voxel is the sum over the ellipsoids that hold its centre, ends
/// included.
std::unique_ptr<Phantom> make_shepp_logan(const PhantomSettings& settings);

}  // namespace vox
