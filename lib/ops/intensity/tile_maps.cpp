#include "ops/intensity/tile_maps.h"

#include <algorithm>
#include <cmath>

namespace vox {

TileHistograms::TileHistograms(const TileGrid& grid, const ClaheLevels& levels, const Interval& layers,
                               std::int64_t first_plane)
    : grid_(grid),
      levels_(levels),
      layers_(layers),
      first_plane_(first_plane),
      stride_(levels.bins() + 1),
      counts_(static_cast<std::size_t>(layers.size() * grid.tiles_in_layer() * stride_)) {}

std::unique_ptr<Reducer> TileHistograms::empty() const {
  return std::make_unique<TileHistograms>(grid_, levels_, layers_, first_plane_);
}

std::int64_t TileHistograms::memory_bytes() const {
  return static_cast<std::int64_t>(counts_.size()) * 8 + grid_.x.kernel() * grid_.x.tiles() * 2;
}

std::span<std::int64_t> TileHistograms::counts(std::int64_t tile) {
  return std::span(counts_).subspan(static_cast<std::size_t>(tile * stride_),
                                    static_cast<std::size_t>(levels_.bins()));
}

void TileHistograms::observe(std::span<const ConstBlock> blocks) {
  const ConstBlock& block = blocks[0];
  const Extent3 size = block.shape();
  bins_.resize(static_cast<std::size_t>(size.x));
  // A voxel counts in its own tile, and in the last one as often as it is seen in the mirror.
  const auto for_each_tile = [](const TileAxis& axis, std::int64_t index, const auto& run) {
    run(axis.tile_of(index), std::int64_t{1});
    if (axis.mirrored(index) > 0) run(axis.tiles() - 1, axis.mirrored(index));
  };
  for (std::int64_t z = 0; z < size.z; ++z)
    for (std::int64_t y = 0; y < size.y; ++y) {
      levels_.find(block.row(z, y), size.x, bins_.data());
      for_each_tile(
          grid_.z, first_plane_ + block.box.begin.z + z, [&](std::int64_t z_tile, std::int64_t planes) {
            if (z_tile < layers_.begin || z_tile >= layers_.end) return;
            for_each_tile(grid_.y, block.box.begin.y + y, [&](std::int64_t y_tile, std::int64_t rows) {
              add_row(z_tile, y_tile, planes * rows);
            });
          });
    }
}

void TileHistograms::add_row(std::int64_t z_tile, std::int64_t y_tile, std::int64_t weight) {
  const auto width = static_cast<std::int64_t>(bins_.size());
  const std::int64_t tiles = grid_.x.tiles();
  const std::int64_t first = (z_tile - layers_.begin) * grid_.tiles_in_layer() + y_tile * tiles;
  for (std::int64_t tile = 0; tile < tiles; ++tile) {
    std::int64_t* const counts = counts_.data() + (first + tile) * stride_;
    const std::int64_t end = std::min((tile + 1) * grid_.x.kernel(), width);
    for (std::int64_t x = tile * grid_.x.kernel(); x < end; ++x)
      counts[bins_[static_cast<std::size_t>(x)]] += weight;
  }
  if (width % grid_.x.kernel() == 0) return;
  std::int64_t* const last = counts_.data() + (first + tiles - 1) * stride_;
  for (std::int64_t x = 0; x < width; ++x)
    last[bins_[static_cast<std::size_t>(x)]] += weight * grid_.x.mirrored(x);
}

void TileHistograms::merge(const Reducer& other_reducer) {
  const auto& other = static_cast<const TileHistograms&>(other_reducer);
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
}

std::int64_t clip_count(double limit, std::int64_t voxels) {
  if (limit <= 0) return voxels;
  return static_cast<std::int64_t>(std::max(limit * static_cast<double>(voxels), 1.0));
}

void clip_histogram(std::span<std::int64_t> counts, std::int64_t limit) {
  const auto size = static_cast<std::int64_t>(counts.size());
  std::int64_t excess = 0;
  for (std::int64_t& count : counts) {
    excess += std::max<std::int64_t>(count - limit, 0);
    count = std::min(count, limit);
  }
  // What every bin gets; those that it would fill are filled.
  const std::int64_t share = excess / size;
  const std::int64_t upper = limit - share;
  for (std::int64_t& count : counts)
    if (count < upper) {
      count += share;
      excess -= share;
    }
  for (std::int64_t& count : counts)
    if (count >= upper && count < limit) {
      excess -= limit - count;
      count = limit;
    }
  const auto has_room = [&](std::int64_t count) { return count < limit; };
  while (excess > 0) {
    const std::int64_t before = excess;
    for (std::int64_t first = 0; first < size && excess > 0; ++first) {
      const std::int64_t open = std::count_if(counts.begin(), counts.end(), has_room);
      const std::int64_t step = std::max<std::int64_t>(1, open / excess);
      for (std::int64_t i = first; i < size; i += step)
        if (has_room(counts[static_cast<std::size_t>(i)])) {
          ++counts[static_cast<std::size_t>(i)];
          --excess;
        }
    }
    if (excess == before) return;
  }
}

void map_histogram(std::span<const std::int64_t> counts, std::int64_t voxels, std::span<std::uint16_t> map) {
  constexpr double kMost = ClaheLevels::kLevels - 1;
  const double per_voxel = kMost / static_cast<double>(voxels);
  std::int64_t sum = 0;
  for (std::size_t bin = 0; bin < counts.size(); ++bin) {
    sum += counts[bin];
    map[bin] = static_cast<std::uint16_t>(std::min(static_cast<double>(sum) * per_voxel, kMost));
  }
}

}  // namespace vox
