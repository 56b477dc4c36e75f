// The maps of all tiles of an adaptive equalisation, some layers of tiles at a time so that counters stay
// within the memory.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/kept_counts.h"
#include "engine/shared_pass.h"
#include "ops/intensity/tile_maps.h"

namespace vox {

/// Reads the volume about once. Each part counts its own planes.
class TileCounts final : public SharedPass {
 public:
  /// All outlive this.
  TileCounts(SlabSource& source, const TileGrid& grid, const ClaheLevels& levels, const Resources& resources);

  PassPlan plan(const Interval& planes) const override;
  void look(const Interval& planes) override;
  void keep(KeptState& state) override { counts_.exchange(state); }
  void take(KeptState& state) override { counts_.exchange(state); }

  /// Two bytes for each bin and tile, in scan order. `limit`: the largest count.
  std::vector<std::uint16_t> maps(std::int64_t limit) const;

 private:
  std::int64_t layers_at_once() const;

  SlabSource& source_;
  const TileGrid& grid_;
  const ClaheLevels& levels_;
  Resources resources_;
  KeptCounts counts_;  ///< of each tile
};

}  // namespace vox
