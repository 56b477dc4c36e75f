// The maps of all tiles of an adaptive equalisation, some layers of tiles at a time so that counters stay
// within the memory.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/engine.h"
#include "ops/intensity/tile_maps.h"

namespace vox {

/// Two bytes for each bin and tile, in scan order. Reads the volume about once. `limit`: the largest count.
std::vector<std::uint16_t> tile_maps(SlabSource& source, const TileGrid& grid, const ClaheLevels& levels,
                                     std::int64_t limit, const Resources& resources);
PassPlan plan_tile_maps(SlabSource& source, const TileGrid& grid, const ClaheLevels& levels,
                        const Resources& resources);

}  // namespace vox
