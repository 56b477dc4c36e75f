// Phantoms that are a formula of the coordinates: gradient, checker and plain grey.
#pragma once

#include "ops/phantom/phantom.h"

namespace vox {

/// The mean, over the axes longer than one voxel, of index / (length - 1): 0 at the first voxel, 1 at the
/// last.
std::unique_ptr<Phantom> make_gradient(const PhantomSettings& settings);
/// Cubes of `kCheckerEdge` voxels, dark (0.25; the first) and bright (0.75) in turn along every axis.
std::unique_ptr<Phantom> make_checker(const PhantomSettings& settings);
/// 0.5 everywhere, for noise alone.
std::unique_ptr<Phantom> make_plain(const PhantomSettings& settings);

inline constexpr std::int64_t kCheckerEdge = 16;

}  // namespace vox
