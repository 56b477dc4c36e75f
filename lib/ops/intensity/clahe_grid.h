// How a volume is cut into the tiles of a contrast-limited adaptive histogram equalisation.
#pragma once

#include <cstdint>
#include <vector>

#include "core/extent.h"

namespace vox {

/// Tiles along one axis: the first begins with the volume; the last may reach beyond its end, where the
/// volume is mirrored (c b a b c d c b, the end voxel once), as often as need be.
class TileAxis {
 public:
  TileAxis(std::int64_t size, std::int64_t kernel);

  std::int64_t kernel() const { return kernel_; }
  std::int64_t tiles() const { return (size_ + kernel_ - 1) / kernel_; }

  /// Tiles between whose centres a voxel lies, the same twice at the ends, and the weight of the second.
  struct Place {
    std::int64_t before;
    std::int64_t after;
    float weight;
  };
  Place place(std::int64_t index) const;

  std::int64_t tile_of(std::int64_t index) const { return index / kernel_; }
  /// How often a voxel is seen in the mirror, which belongs to the last tile.
  std::int64_t mirrored(std::int64_t index) const { return mirrored_[static_cast<std::size_t>(index)]; }
  /// Voxels that a run of tiles sees, those in the mirror among them.
  Interval seen_by(const Interval& tiles) const;
  /// The tiles from the first to the last that see any of these voxels. REQUIRES: at least one voxel.
  Interval that_see(const Interval& voxels) const;

 private:
  std::int64_t size_;
  std::int64_t kernel_;
  std::vector<std::int64_t> mirrored_;
};

struct TileGrid {
  TileAxis z;
  TileAxis y;
  TileAxis x;

  TileGrid(const Extent3& shape, const Extent3& kernel)
      : z(shape.z, kernel.z), y(shape.y, kernel.y), x(shape.x, kernel.x) {}

  std::int64_t tiles_in_layer() const { return y.tiles() * x.tiles(); }
  std::int64_t tiles() const { return z.tiles() * tiles_in_layer(); }
  /// Voxels of a tile.
  std::int64_t voxels() const { return z.kernel() * y.kernel() * x.kernel(); }
};

}  // namespace vox
