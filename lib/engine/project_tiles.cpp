#include "engine/project_tiles.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "core/error.h"
#include "core/memory_option.h"
#include "core/numbers.h"
#include "engine/block_plan.h"
#include "engine/buffer.h"
#include "engine/pipeline.h"
#include "engine/project_ends.h"

namespace vox {
namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

class TileMemory {
 public:
  TileMemory(const SlabSource& source, const ProjectSpec& spec, const SlabSink* sink)
      : meta_(source.meta()),
        axis_(spec.axis),
        projection_(projection_of(meta_, spec)),
        result_(projected_meta(meta_, spec.method, spec.axis).shape),
        held_(source.held_bytes() + project_sink_bytes(sink)),
        source_scratch_(source.scratch_bytes()) {}

  const Extent3& result() const { return result_; }
  const Projection& projection() const { return projection_; }

  /// The voxels that a box of the result is made of.
  Box3 lines_of(Box3 box) const {
    if (axis_ == Axis::z) box.end.z = meta_.shape.z;
    if (axis_ == Axis::y) box.end.y = meta_.shape.y;
    if (axis_ == Axis::x) box.end.x = meta_.shape.x;
    return box;
  }
  /// All rows of some planes; along z, where there is one plane, some rows.
  Extent3 band_of(const Extent3& tile) const {
    return {tile.z, axis_ == Axis::z ? tile.y : result_.y, result_.x};
  }
  std::int64_t voxel_bytes(const Extent3& tile) const {
    return voxels(tile) * projection_.count() * size_of(meta_.dtype);
  }
  std::int64_t result_bytes(const Extent3& box) const { return voxels(box) * size_of(projection_.output()); }
  std::int64_t bytes(const Extent3& tile, int at_once) const {
    const Extent3 lines = lines_of({{0, 0, 0}, tile}).shape();
    return held_ + result_bytes(band_of(tile)) +
           at_once * (voxel_bytes(tile) + result_bytes(tile) + source_scratch_ +
                      project_lines_scratch(projection_, axis_, lines, size_of(meta_.dtype)));
  }

 private:
  VolumeMeta meta_;
  Axis axis_;
  Projection projection_;
  Extent3 result_;
  std::int64_t held_;
  std::int64_t source_scratch_;
};

/// The largest multiple of `unit`, or all, that fits; 0 when not even the first does.
template <class Fits>
std::int64_t most_that_fits(std::int64_t unit, std::int64_t all, const Fits& fits) {
  std::int64_t most = 0;
  std::int64_t too_many = ceil_div(all, unit) + 1;
  while (most + 1 < too_many) {
    const std::int64_t middle = most + (too_many - most) / 2;
    (fits(std::min(middle * unit, all)) ? most : too_many) = middle;
  }
  return std::min(most * unit, all);
}

/// Whole rows of the result when they fit, else a part of `rows` of them; no columns when that does not fit.
Extent3 fitting_along_z(const TileMemory& memory, std::int64_t rows, int at_once, std::int64_t allowed) {
  const Extent3& all = memory.result();
  const auto fits = [&](const Extent3& tile) { return memory.bytes(tile, at_once) <= allowed; };
  const std::int64_t most = most_that_fits(rows, all.y, [&](std::int64_t y) { return fits({1, y, all.x}); });
  if (most > 0) return {1, most, all.x};
  return {1, rows, most_that_fits(1, all.x, [&](std::int64_t x) { return fits({1, rows, x}); })};
}

/// As deep as the source's chunks when at least one of them fits.
Extent3 fitting_in_planes(const TileMemory& memory, const Extent3& chunk, Axis axis, int at_once,
                          std::int64_t allowed) {
  const Extent3& all = memory.result();
  const std::int64_t lines = axis == Axis::y ? all.x : all.y;
  const auto tile_of = [&](std::int64_t planes, std::int64_t count) {
    return axis == Axis::y ? Extent3{planes, 1, count} : Extent3{planes, count, 1};
  };
  const std::int64_t across = std::min(axis == Axis::y ? chunk.x : chunk.y, lines);
  for (const std::int64_t planes : {std::min(chunk.z, all.z), std::int64_t{1}}) {
    const std::int64_t most = most_that_fits(planes > 1 ? across : 1, lines, [&](std::int64_t count) {
      return memory.bytes(tile_of(planes, count), at_once) <= allowed;
    });
    if (most > 0) return tile_of(planes, most);
  }
  return tile_of(1, 0);
}

class TileRun {
 public:
  TileRun(SlabSource& source, const ProjectSpec& spec, SlabSink& sink, const Resources& resources,
          const Interval& planes)
      : source_(source),
        axis_(spec.axis),
        sink_(sink),
        progress_(resources.progress),
        memory_(source, spec, &sink),
        plan_(plan_project_tiles(source, spec, &sink, resources)),
        result_(memory_.result()),
        planes_(planes),
        across_(ceil_div(plan_.band.x, plan_.tile.x)),
        tiles_(across_ * ceil_div(plan_.band.y, plan_.tile.y)),
        band_(memory_.result_bytes(plan_.band)) {
    for (int i = 0; i < plan_.at_once; ++i) {
      voxels_.emplace_back(memory_.voxel_bytes(plan_.tile));
      projected_.emplace_back(memory_.result_bytes(plan_.tile));
    }
  }

  void run() {
    const std::int64_t bands = ceil_div(planes_.size(), plan_.band.z) * ceil_div(result_.y, plan_.band.y);
    Stages stages;
    stages.work = [this](std::int64_t index, int slot) { project(index, static_cast<std::size_t>(slot)); };
    stages.last = [this](std::int64_t index, int slot) { gather(index, static_cast<std::size_t>(slot)); };
    run_pipeline(bands * tiles_, plan_.at_once, plan_.at_once, stages);
  }

 private:
  Box3 clipped(const Extent3& begin, const Extent3& size, const Extent3& end) const {
    return {begin,
            {std::min(begin.z + size.z, end.z), std::min(begin.y + size.y, end.y),
             std::min(begin.x + size.x, end.x)}};
  }
  Box3 band(std::int64_t index) const {
    const std::int64_t down = ceil_div(result_.y, plan_.band.y);
    const std::int64_t number = index / tiles_;
    return clipped({planes_.begin + number / down * plan_.band.z, number % down * plan_.band.y, 0},
                   plan_.band, {planes_.end, result_.y, result_.x});
  }
  Box3 tile(std::int64_t index) const {
    const Box3 within = band(index);
    const std::int64_t number = index % tiles_;
    const Extent3 begin{within.begin.z, within.begin.y + number / across_ * plan_.tile.y,
                        number % across_ * plan_.tile.x};
    return clipped(begin, plan_.tile, within.end);
  }

  void project(std::int64_t index, std::size_t slot) {
    if (tile(index).shape().y <= 0) return;
    const Box3 lines = memory_.lines_of(tile(index));
    source_.read(lines, voxels_[slot].data());
    if (progress_ != nullptr) progress_->bytes_in += voxels(lines.shape()) * size_of(source_.meta().dtype);
    project_lines(memory_.projection(), axis_, voxels_[slot].data(), lines.shape(), projected_[slot].data());
  }

  void gather(std::int64_t index, std::size_t slot) {
    const Box3 whole = band(index);
    const Box3 box = tile(index);
    const Extent3 size = box.shape();
    const std::int64_t element = size_of(sink_.meta().dtype);
    const std::byte* from = projected_[slot].data();
    for (std::int64_t z = 0; z < size.z; ++z)
      for (std::int64_t y = 0; y < size.y; ++y, from += size.x * element) {
        const std::int64_t row = z * whole.shape().y + box.begin.y - whole.begin.y + y;
        std::memcpy(band_.data() + (row * result_.x + box.begin.x) * element, from,
                    static_cast<std::size_t>(size.x * element));
      }
    if (index % tiles_ + 1 == tiles_) put_projected(sink_, whole, band_.data(), progress_);
  }

  SlabSource& source_;
  Axis axis_;
  SlabSink& sink_;
  Progress* progress_;
  TileMemory memory_;
  ProjectTiles plan_;
  Extent3 result_;
  Interval planes_;      ///< of the result, that are made
  std::int64_t across_;  ///< tiles side by side in a band
  std::int64_t tiles_;   ///< in a band
  Buffer band_;
  std::vector<Buffer> voxels_, projected_;
};

}  // namespace

ProjectTiles plan_project_tiles(const SlabSource& source, const ProjectSpec& spec, const SlabSink* sink,
                                const Resources& resources) {
  const TileMemory memory(source, spec, sink);
  const std::int64_t rows = std::min(sink == nullptr ? 1 : sink->chunk().y, memory.result().y);
  ProjectTiles plan;
  for (const int at_once : {resources.threads, 1}) {
    plan.at_once = at_once;
    plan.tile = spec.axis == Axis::z
                    ? fitting_along_z(memory, rows, at_once, resources.memory)
                    : fitting_in_planes(memory, source.chunk(), spec.axis, at_once, resources.memory);
    if (voxels(plan.tile) == 0) continue;
    plan.band = memory.band_of(plan.tile);
    plan.peak_memory = memory.bytes(plan.tile, at_once);
    return plan;
  }
  const std::int64_t least = memory.bytes({1, spec.axis == Axis::z ? rows : 1, 1}, 1);
  fail_memory("needs " + format_bytes(least) + " for one line of " +
              format_count(memory.projection().count()) + " voxels and the result it belongs to, --memory " +
              "allows " + format_bytes(resources.memory) + "; use --memory " + memory_option(least) +
              " or more");
}

void run_project_tiles(SlabSource& source, const ProjectSpec& spec, SlabSink& sink,
                       const Resources& resources, const Interval& planes) {
  TileRun(source, spec, sink, resources, planes).run();
}

}  // namespace vox
