#include "engine/tile_maps.h"

#include <algorithm>
#include <array>
#include <memory>

#include "io/adapted_source.h"
#include "ops/stats/range.h"

namespace vox {
namespace {

/// Layers whose counters take at most a quarter of the memory in all threads; at least one.
std::int64_t layers_at_once(const TileGrid& grid, const ClaheLevels& levels, const Resources& resources) {
  const std::int64_t copies = 4 * (static_cast<std::int64_t>(resources.threads) + 1);
  const std::int64_t layer = grid.tiles_in_layer() * (levels.bins() + 1) * 8;
  return std::clamp<std::int64_t>(resources.memory / copies / layer, 1, grid.z.tiles());
}

}  // namespace

std::vector<std::uint16_t> tile_maps(SlabSource& source, const TileGrid& grid, const ClaheLevels& levels,
                                     std::int64_t limit, const Resources& resources) {
  const auto bins = static_cast<std::size_t>(levels.bins());
  std::vector<std::uint16_t> maps(static_cast<std::size_t>(grid.tiles()) * bins);
  const std::int64_t at_once = layers_at_once(grid, levels, resources);
  // Layers may share planes: a spooled pipe must have come to its end before.
  RangeReducer ends(source.meta().dtype);
  if (at_once < grid.z.tiles() && !source.seekable()) run_reduce(std::array{&source}, ends, resources);
  std::size_t done = 0;
  for (std::int64_t first = 0; first < grid.z.tiles(); first += at_once) {
    const Interval layers{first, std::min(first + at_once, grid.z.tiles())};
    const Interval planes = grid.z.seen_by(layers);
    TileHistograms histograms(grid, levels, layers, planes.begin);
    const std::unique_ptr<SlabSource> view = view_planes(source, planes);
    run_reduce(std::array{view.get()}, histograms, resources);
    for (std::int64_t tile = 0; tile < layers.size() * grid.tiles_in_layer(); ++tile, done += bins) {
      clip_histogram(histograms.counts(tile), limit);
      map_histogram(histograms.counts(tile), grid.voxels(), std::span(maps).subspan(done, bins));
    }
  }
  return maps;
}

PassPlan plan_tile_maps(SlabSource& source, const TileGrid& grid, const ClaheLevels& levels,
                        const Resources& resources) {
  const Interval layers{0, layers_at_once(grid, levels, resources)};
  const TileHistograms histograms(grid, levels, layers, 0);
  return plan_reduce(std::array{&source}, histograms, resources);
}

}  // namespace vox
