#include "engine/tile_maps.h"

#include <algorithm>
#include <array>
#include <memory>

#include "io/adapted_source.h"
#include "ops/stats/range.h"

namespace vox {

TileCounts::TileCounts(SlabSource& source, const TileGrid& grid, const ClaheLevels& levels,
                       const Resources& resources)
    : source_(source),
      grid_(grid),
      levels_(levels),
      resources_(resources),
      counts_(grid.tiles(), levels.bins()) {}

/// Layers whose counters take at most a quarter of the memory in all threads; at least one.
std::int64_t TileCounts::layers_at_once() const {
  const std::int64_t copies = 4 * (static_cast<std::int64_t>(resources_.threads) + 1);
  const std::int64_t layer = grid_.tiles_in_layer() * (levels_.bins() + 1) * 8;
  return std::clamp<std::int64_t>(resources_.memory / copies / layer, 1, grid_.z.tiles());
}

PassPlan TileCounts::plan(const Interval& planes) const {
  const TileHistograms histograms(grid_, levels_, {0, layers_at_once()}, 0);
  return plan_reduce(std::array{&source_}, histograms, resources_, planes);
}

void TileCounts::look(const Interval& planes) {
  counts_.clear();
  if (planes.size() == 0) return;
  const std::int64_t at_once = layers_at_once();
  const Interval seeing = grid_.z.that_see(planes);
  // Layers may share planes: a spooled pipe must have come to its end before.
  RangeReducer ends(source_.meta().dtype);
  if (at_once < seeing.size() && !source_.seekable()) run_reduce(std::array{&source_}, ends, resources_);
  for (std::int64_t first = seeing.begin; first < seeing.end; first += at_once) {
    const Interval layers{first, std::min(first + at_once, seeing.end)};
    const Interval all = grid_.z.seen_by(layers);
    const Interval seen{std::max(all.begin, planes.begin), std::min(all.end, planes.end)};
    if (seen.size() <= 0) continue;
    TileHistograms histograms(grid_, levels_, layers, seen.begin);
    const std::unique_ptr<SlabSource> view = view_planes(source_, seen);
    run_reduce(std::array{view.get()}, histograms, resources_);
    for (std::int64_t tile = 0; tile < layers.size() * grid_.tiles_in_layer(); ++tile)
      counts_.add(first * grid_.tiles_in_layer() + tile, histograms.counts(tile));
  }
}

std::vector<std::uint16_t> TileCounts::maps(std::int64_t limit) const {
  const auto bins = static_cast<std::size_t>(levels_.bins());
  std::vector<std::uint16_t> maps(static_cast<std::size_t>(grid_.tiles()) * bins);
  counts_.for_each_sum([&](std::int64_t tile, std::span<std::int64_t> counts) {
    clip_histogram(counts, limit);
    map_histogram(counts, grid_.voxels(),
                  std::span(maps).subspan(static_cast<std::size_t>(tile) * bins, bins));
  });
  return maps;
}

}  // namespace vox
