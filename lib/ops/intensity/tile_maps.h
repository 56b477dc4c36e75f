// The histograms of tiles, and the maps of grey levels that come from them.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "ops/intensity/clahe_grid.h"
#include "ops/intensity/clahe_levels.h"
#include "ops/reducer.h"

namespace vox {

/// Counts the bins of all voxels in some layers of tiles, what they see in the mirror included; NaN is not
/// counted. Holds 8 bytes for each bin of these tiles and thread.
class TileHistograms final : public Reducer {
 public:
  /// `first_plane`: where in the volume the planes that are observed begin. All must outlive the reducer.
  TileHistograms(const TileGrid& grid, const ClaheLevels& levels, const Interval& layers,
                 std::int64_t first_plane);

  std::unique_ptr<Reducer> empty() const override;
  void observe(std::span<const ConstBlock> blocks) override;
  void merge(const Reducer& other) override;
  std::int64_t memory_bytes() const override;

  /// Of all tiles of the layers in scan order.
  std::span<std::int64_t> counts(std::int64_t tile);

 private:
  void add_row(std::int64_t z_tile, std::int64_t y_tile, std::int64_t weight);

  const TileGrid& grid_;
  const ClaheLevels& levels_;
  Interval layers_;
  std::int64_t first_plane_;
  std::int64_t stride_;  ///< counters of a tile: one for each bin and one for NaN
  std::vector<std::int64_t> counts_;
  std::vector<std::uint16_t> bins_;  ///< of the row at hand
};

/// Cuts counts above `limit` and gives the excess back to all bins that have room, in scikit-image's order.
void clip_histogram(std::span<std::int64_t> counts, std::int64_t limit);

/// The cumulative histogram of a tile of `voxels`, from 0 to 16383, cut to whole numbers.
void map_histogram(std::span<const std::int64_t> counts, std::int64_t voxels, std::span<std::uint16_t> map);

/// The largest count for a limit given as a share of a tile's voxels; 0: no limit.
std::int64_t clip_count(double limit, std::int64_t voxels);

}  // namespace vox
