// Marker-based watershed: labels flood a volume from their markers, lowest voxels first.
//
// Rules, those of scikit-image's watershed: a voxel's turn is decided by its own level, among equal levels by
// the order in which voxels were reached; markers are reached first, in scan order. A voxel whose turn comes
// gives its label to every free neighbour, in the order of `FloodGrid::neighbours`, and they are reached. So
// every voxel that can be reached gets a label, and there are no lines between basins.
// Method: F. Meyer, "Un algorithme optimal pour la ligne de partage des eaux", 1991; S. Beucher, F. Meyer,
// "The morphological approach to segmentation: the watershed transformation", 1993.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/dtype.h"
#include "ops/label/flood_grid.h"
#include "ops/label/flood_level.h"

namespace vox {

/// Level and label of a voxel stand together: a flood looks at both, and every look is a miss of the cache.
template <class Level, class Label>
struct __attribute__((packed)) FloodCell {
  Level level;
  Label label;
};

/// Arrays by the numbers of a grid.
struct FloodVolume {
  const FloodGrid* grid = nullptr;
  DType dtype = DType::uint8;  ///< of the values behind the levels
  std::byte* cells =
      nullptr;  ///< FloodCell; levels of margins are not looked at, labels are 0 where one may come
  std::uint64_t* free = nullptr;  ///< a bit for each: set where a label may come
  std::int64_t label_bytes = 4;   ///< or 8

  std::int64_t cell_bytes() const { return level_bytes(dtype) + label_bytes; }
  /// Where the label of a number stands.
  std::byte* label(std::int64_t at) const { return cells + at * cell_bytes() + level_bytes(dtype); }
};

/// Floods from every label that is not 0. Neighbours that are not free stay as they are; in the end no voxel
/// is free that could be reached. Throws when a stop was asked for.
void flood(const FloodVolume& volume);
/// Memory that `flood` takes at most.
std::int64_t flood_scratch(const FloodGrid& grid, DType dtype);

}  // namespace vox
