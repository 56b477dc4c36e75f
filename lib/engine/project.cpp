#include "engine/project.h"

#include <algorithm>
#include <cstring>

#include "engine/block_buffers.h"
#include "engine/pipeline.h"
#include "engine/project_ends.h"
#include "engine/project_stream.h"
#include "engine/project_tiles.h"

namespace vox {
namespace {

constexpr std::int64_t kBlockBytes = 1 << 20;

bool streams_planes(const ProjectSpec& spec) {
  return spec.axis == Axis::z && spec.method != ProjectionMethod::median;
}

/// Boxes that hold whole lines: planes for y and x, rows of all planes for z.
class LineBlocks {
 public:
  LineBlocks(const SlabSource& source, const ProjectSpec& spec, const SlabSink* sink,
             const Resources& resources)
      : shape_(source.meta().shape),
        dtype_(source.meta().dtype),
        axis_(spec.axis),
        projection_(projection_of(source.meta(), spec)),
        needs_(needs(source, sink, resources)) {}

  bool fit() const { return least_block_memory(needs_) <= needs_.memory; }
  /// Of some planes of the result; along z there is but one.
  BlockPlan plan(const Interval& planes) const {
    BlockNeeds needs = needs_;
    if (axis_ != Axis::z) needs.planes = planes;
    return plan_blocks(needs);
  }

  const Projection& projection() const { return projection_; }

  /// The voxels of block `index`.
  Box3 box(const BlockPlan& plan, std::int64_t index) const {
    Box3 box = plan.box(index);
    if (axis_ == Axis::z) box.end.z = shape_.z;
    return box;
  }
  /// Per row of a block, in the plan's sense: voxels, then results.
  std::vector<std::int64_t> row_bytes() const {
    const std::int64_t row = shape_.x * size_of(dtype_);
    if (axis_ == Axis::z) return {shape_.z * row, shape_.x * size_of(projection_.output())};
    return {row, (line_count() * size_of(projection_.output()) + shape_.y - 1) / shape_.y};
  }
  /// In a plane, along y or x.
  std::int64_t line_count() const { return axis_ == Axis::y ? shape_.x : shape_.y; }

 private:
  std::int64_t scratch_bytes() const {
    return project_lines_scratch(projection_, axis_, {1, 1, shape_.x}, size_of(dtype_));
  }

  BlockNeeds needs(const SlabSource& source, const SlabSink* sink, const Resources& resources) const {
    const Extent3 chunk = source.chunk();
    const bool ordered = !source.seekable() && axis_ != Axis::z;
    BlockNeeds needs;
    needs.volume = shape_;
    needs.target_bytes = kBlockBytes;
    needs.blocks_wanted = resources.threads == 1 ? 1 : resources.threads + (ordered ? 2 : 0);
    needs.held = source.held_bytes() + project_sink_bytes(sink);
    if (axis_ == Axis::z) {
      needs.volume.z = 1;
      needs.held += shape_.y * shape_.x * size_of(projection_.output());
      // A source that decodes more than it is asked for is asked as rarely as the memory allows.
      if (chunk.y > 1)
        needs.target_bytes = std::max<std::int64_t>(
            1, (resources.memory - needs.held) / (std::int64_t{2} * needs.blocks_wanted));
    } else {
      needs.rows_multiple = shape_.y;
      needs.planes_multiple = ordered ? 1 : std::min(chunk.z, shape_.z);
    }
    needs.bytes_per_row = 0;
    for (const std::int64_t bytes : row_bytes()) needs.bytes_per_row += bytes;
    if (axis_ == Axis::z && needs.target_bytes / needs.bytes_per_row >= chunk.y)
      needs.rows_multiple = std::min(chunk.y, shape_.y);
    needs.scratch_per_thread = source.scratch_bytes() + scratch_bytes();
    needs.threads = resources.threads;
    needs.memory = resources.memory;
    needs.taken = resources.taken;
    return needs;
  }

  Extent3 shape_;
  DType dtype_;
  Axis axis_;
  Projection projection_;
  BlockNeeds needs_;
};

void run_lines(SlabSource& source, const ProjectSpec& spec, SlabSink& sink, const Resources& resources,
               const Interval& planes) {
  const bool whole_volume = spec.axis == Axis::z;
  const LineBlocks blocks(source, spec, &sink, resources);
  const BlockPlan plan = blocks.plan(planes);
  const BlockBuffers buffers(plan, blocks.row_bytes());
  const Buffer result(whole_volume ? sink.meta().plane_bytes() : 0);
  Progress* const progress = resources.progress;
  const auto read = [&](std::int64_t index, int slot) {
    const Box3 box = blocks.box(plan, index);
    source.read(box, buffers.data(slot, 0));
    if (progress != nullptr) progress->bytes_in += voxels(box.shape()) * size_of(source.meta().dtype);
  };
  const bool any_order = source.seekable();
  Stages stages;
  if (!any_order) stages.first = read;
  stages.work = [&](std::int64_t index, int slot) {
    if (any_order) read(index, slot);
    project_lines(blocks.projection(), spec.axis, buffers.data(slot, 0), blocks.box(plan, index).shape(),
                  buffers.data(slot, 1));
  };
  stages.last = [&](std::int64_t index, int slot) {
    const Box3 box = blocks.box(plan, index);
    std::byte* const data = buffers.data(slot, 1);
    if (!whole_volume) {
      const Extent3& shape = sink.meta().shape;
      return put_projected(sink, {{box.begin.z, 0, 0}, {box.end.z, shape.y, shape.x}}, data, progress);
    }
    const std::int64_t row = sink.meta().row_bytes();
    std::memcpy(result.data() + box.begin.y * row, data, static_cast<std::size_t>(box.shape().y * row));
  };
  run_pipeline(plan.count(), plan.blocks_in_flight, plan.threads, stages);
  if (whole_volume) put_projected(sink, whole(sink.meta().shape), result.data(), progress);
}

}  // namespace

bool project_rereads(const SlabSource& source, const ProjectSpec& spec, const SlabSink* sink,
                     const Resources& resources) {
  if (streams_planes(spec))
    return plan_project_stream(source, spec, sink, resources).rows < source.meta().shape.y;
  return spec.axis == Axis::z || !LineBlocks(source, spec, sink, resources).fit();
}

PassPlan plan_project(const SlabSource& source, const ProjectSpec& spec, const SlabSink* sink,
                      const Resources& resources, const Interval& planes) {
  const VolumeMeta& meta = source.meta();
  PassPlan plan;
  plan.what = "project";
  plan.bytes_in = spec.axis == Axis::z ? meta.bytes() : planes.size() * meta.plane_bytes();
  plan.bytes_out = planes.size() * projected_meta(meta, spec.method, spec.axis).plane_bytes();
  if (streams_planes(spec)) {
    const StreamPlan stream = plan_project_stream(source, spec, sink, resources);
    plan.block = {stream.planes, stream.rows, meta.shape.x};
    plan.blocks_in_flight = 2;
    plan.peak_memory = stream.peak_memory;
    return plan;
  }
  const LineBlocks blocks(source, spec, sink, resources);
  if (blocks.fit()) {
    const BlockPlan lines = blocks.plan(planes);
    plan.block = blocks.box(lines, 0).shape();
    plan.blocks_in_flight = lines.blocks_in_flight;
    plan.peak_memory = lines.peak_memory;
    return plan;
  }
  const ProjectTiles tiles = plan_project_tiles(source, spec, sink, resources);
  plan.block = {spec.axis == Axis::z ? meta.shape.z : tiles.tile.z,
                spec.axis == Axis::y ? meta.shape.y : tiles.tile.y,
                spec.axis == Axis::x ? meta.shape.x : tiles.tile.x};
  plan.blocks_in_flight = tiles.at_once;
  plan.peak_memory = tiles.peak_memory;
  return plan;
}

void run_project(SlabSource& source, const ProjectSpec& spec, SlabSink& sink, const Resources& resources,
                 const Interval& planes) {
  if (project_rereads(source, spec, &sink, resources)) read_through(source);
  if (streams_planes(spec)) return run_project_stream(source, spec, sink, resources);
  if (LineBlocks(source, spec, &sink, resources).fit())
    return run_lines(source, spec, sink, resources, planes);
  run_project_tiles(source, spec, sink, resources, planes);
}

}  // namespace vox
