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

namespace vox {

/// Arrays by the numbers of a grid.
struct FloodVolume {
  const FloodGrid* grid = nullptr;
  DType dtype = DType::uint8;     ///< of the values behind the levels
  std::byte* levels = nullptr;    ///< of `flood_level.h`; those of margins are not looked at
  std::uint64_t* free = nullptr;  ///< a bit for each: set where a label may come
  std::byte* labels = nullptr;    ///< label_bytes each; 0 where a label may come
  std::int64_t label_bytes = 4;   ///< or 8
};

/// Floods from every label that is not 0. Neighbours that are not free stay as they are; in the end no voxel
/// is free that could be reached. Throws when a stop was asked for.
void flood(const FloodVolume& volume);
/// Memory that `flood` takes at most.
std::int64_t flood_scratch(const FloodGrid& grid, DType dtype);

}  // namespace vox
