// Chosen voxels of a volume: all combinations of some indices along each axis.
#pragma once

#include <cstdint>
#include <vector>

namespace vox {

/// Indices increase along each axis.
struct VoxelGrid {
  std::vector<std::int64_t> z;
  std::vector<std::int64_t> y;
  std::vector<std::int64_t> x;

  std::int64_t count() const { return static_cast<std::int64_t>(z.size() * y.size() * x.size()); }
};

}  // namespace vox
