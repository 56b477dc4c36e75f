#include "engine/project.h"

#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <cstring>

#include "core/error.h"
#include "core/numbers.h"
#include "engine/block_buffers.h"
#include "engine/first_failure.h"
#include "engine/pipeline.h"
#include "engine/slab_io.h"
#include "ops/project/projection_rows.h"
#include "ops/scratch.h"

namespace vox {
namespace {

constexpr std::int64_t kSlabBytes = 4 << 20;
constexpr std::int64_t kBlockBytes = 1 << 20;
/// Lines along x that are turned into columns at once.
constexpr std::int64_t kTurned = 32;

Projection projection_of(const VolumeMeta& meta, const ProjectSpec& spec) {
  const Extent3& shape = meta.shape;
  const std::int64_t count = spec.axis == Axis::z ? shape.z : spec.axis == Axis::y ? shape.y : shape.x;
  return {spec.method, meta.dtype, count, spec.nan};
}

bool streams_planes(const ProjectSpec& spec) {
  return spec.axis == Axis::z && spec.method != ProjectionMethod::median;
}

std::int64_t sink_bytes(const SlabSink* sink) {
  return sink == nullptr ? 0 : sink->held_bytes() + sink->scratch_bytes();
}

std::int64_t result_plane_bytes(const VolumeMeta& meta, const Projection& projection) {
  return meta.shape.y * meta.shape.x * size_of(projection.output());
}

/// Puts planes that are dense at `data`.
void put_planes(SlabSink& sink, const Interval& planes, std::byte* data, Progress* progress) {
  const VolumeMeta& meta = sink.meta();
  for (std::int64_t z = planes.begin; z < planes.end; ++z, data += meta.plane_bytes()) {
    const Box3 box{{z, 0, 0}, {z + 1, meta.shape.y, meta.shape.x}};
    const std::span<std::byte> voxels_out(data, static_cast<std::size_t>(meta.plane_bytes()));
    if (sink.encodes()) {
      Encoded encoded;
      sink.encode(box, voxels_out, encoded);
      sink.put_encoded(box, encoded);
    } else {
      sink.put(box, voxels_out);
    }
    if (progress != nullptr) progress->bytes_out += meta.plane_bytes();
  }
}

/// How planes stream by.
struct StreamPlan {
  std::int64_t planes = 1;  ///< that are read at once
  std::int64_t rows = 1;    ///< of a band
  std::int64_t peak_memory = 0;
};

StreamPlan plan_stream(const SlabSource& source, const ProjectSpec& spec, const SlabSink* sink,
                       const Resources& resources) {
  const VolumeMeta& meta = source.meta();
  const Projection projection = projection_of(meta, spec);
  const std::int64_t fixed = result_plane_bytes(meta, projection) + source.held_bytes() +
                             resources.threads * source.scratch_bytes() + sink_bytes(sink);
  StreamPlan plan;
  plan.rows = meta.shape.y;
  plan.planes = std::clamp<std::int64_t>(kSlabBytes / meta.plane_bytes(), 1, meta.shape.z);
  const auto bytes = [&] {
    return fixed + plan.rows * (2 * plan.planes * meta.row_bytes() + meta.shape.x * projection.state_bytes());
  };
  while (plan.planes > 1 && bytes() > resources.memory) plan.planes /= 2;
  const std::int64_t multiple = source.chunk().y;
  while (source.seekable() && plan.rows > multiple && bytes() > resources.memory)
    plan.rows = std::max(multiple, plan.rows / 2 / multiple * multiple);
  plan.peak_memory = bytes();
  if (plan.peak_memory <= resources.memory) return plan;
  fail_memory("needs " + format_bytes(plan.peak_memory) + ": planes of " + format_bytes(meta.plane_bytes()) +
              " and " + format_bytes(meta.shape.x * projection.state_bytes()) + " for the sums of each of " +
              format_count(plan.rows) + " rows, --memory allows " + format_bytes(resources.memory) +
              "; use --memory " + memory_option(plan.peak_memory) + " or more");
}

/// One band of rows of all planes, along z.
void stream_band(SlabSource& source, const Projection& projection, const StreamPlan& plan,
                 const Interval& rows, std::byte* out, Progress* progress) {
  constexpr std::int64_t kVoxelsPerTask = 16 << 10;
  const VolumeMeta& meta = source.meta();
  const std::int64_t width = rows.size() * meta.shape.x;
  const std::int64_t element = size_of(meta.dtype);
  const std::int64_t tasks = (width + kVoxelsPerTask - 1) / kVoxelsPerTask;
  const Buffer states(width * projection.state_bytes());
  const auto for_tasks = [&](auto&& work) {
    tbb::parallel_for(std::int64_t{0}, tasks, [&](std::int64_t task) {
      const std::int64_t begin = task * kVoxelsPerTask;
      work(begin, std::min(kVoxelsPerTask, width - begin), states.data() + begin * projection.state_bytes());
    });
  };
  FirstFailure failure([] {});
  SlabReader reader(source, {0, meta.shape.z}, rows, plan.planes,
                    {progress, failure, source.seekable() ? 0 : 1});
  bool first = true;
  for (;;) {
    std::int64_t count = 0;
    const std::byte* planes = reader.next(count);
    if (count == 0) break;
    for_tasks([&](std::int64_t begin, std::int64_t some, std::byte* state) {
      projection.add(planes + begin * element, width * element, count, some, first, state);
    });
    first = false;
  }
  for_tasks([&](std::int64_t begin, std::int64_t some, const std::byte* state) {
    projection.finish(state, some, out + begin * size_of(projection.output()));
  });
}

void run_stream(SlabSource& source, const ProjectSpec& spec, SlabSink& sink, const Resources& resources) {
  const StreamPlan plan = plan_stream(source, spec, &sink, resources);
  const VolumeMeta& meta = source.meta();
  const Projection projection = projection_of(meta, spec);
  const Buffer result(result_plane_bytes(meta, projection));
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                  static_cast<std::size_t>(resources.threads));
  tbb::task_arena arena(resources.threads);
  arena.execute([&] {
    for (std::int64_t y = 0; y < meta.shape.y; y += plan.rows)
      stream_band(source, projection, plan, {y, std::min(y + plan.rows, meta.shape.y)},
                  result.data() + y * meta.shape.x * size_of(projection.output()), resources.progress);
    put_planes(sink, {0, 1}, result.data(), resources.progress);
  });
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
        plan_(plan_blocks(needs(source, sink, resources))) {}

  const BlockPlan& plan() const { return plan_; }

  /// The voxels of block `index`.
  Box3 box(std::int64_t index) const {
    Box3 box = plan_.box(index);
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

  void project(const Box3& box, const std::byte* data, std::byte* out) const {
    const Extent3 size = box.shape();
    const std::int64_t row = size.x * size_of(dtype_);
    if (axis_ == Axis::z) {
      const std::int64_t width = size.y * size.x;
      return projection_.whole_lines(data, size.y * row, width, out,
                                     thread_scratch(projection_.whole_lines_bytes(width)));
    }
    for (std::int64_t z = 0; z < size.z; ++z, data += size.y * row) {
      if (axis_ == Axis::y)
        projection_.whole_lines(data, row, size.x, out, thread_scratch(scratch_bytes()));
      else
        project_rows_of(data, size, out);
      out += line_count() * size_of(projection_.output());
    }
  }

 private:
  void project_rows_of(const std::byte* data, const Extent3& size, std::byte* out) const {
    const std::int64_t element = size_of(dtype_);
    std::byte* const columns = thread_scratch(scratch_bytes());
    std::byte* const rest = columns + scratch_row_bytes(kTurned * size.x, element);
    for (std::int64_t y = 0; y < size.y; y += kTurned) {
      const std::int64_t lines = std::min(kTurned, size.y - y);
      transpose_rows(data + y * size.x * element, size.x * element, lines, size.x, element, columns);
      projection_.whole_lines(columns, lines * element, lines, out + y * size_of(projection_.output()), rest);
    }
  }

  std::int64_t scratch_bytes() const {
    if (axis_ == Axis::x)
      return scratch_row_bytes(kTurned * shape_.x, size_of(dtype_)) + projection_.whole_lines_bytes(kTurned);
    return projection_.whole_lines_bytes(shape_.x);
  }

  BlockNeeds needs(const SlabSource& source, const SlabSink* sink, const Resources& resources) const {
    const Extent3 chunk = source.chunk();
    const bool ordered = !source.seekable() && axis_ != Axis::z;
    BlockNeeds needs;
    needs.volume = shape_;
    needs.target_bytes = kBlockBytes;
    needs.blocks_wanted = resources.threads == 1 ? 1 : resources.threads + (ordered ? 2 : 0);
    needs.held = source.held_bytes() + sink_bytes(sink);
    if (axis_ == Axis::z) {
      needs.volume.z = 1;
      needs.held += result_plane_bytes(source.meta(), projection_);
      // A source that decodes more than it is asked for is asked as rarely as the memory allows.
      if (chunk.y > 1)
        needs.target_bytes =
            std::max<std::int64_t>(1, (resources.memory - needs.held) / (2 * needs.blocks_wanted));
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
    return needs;
  }

  Extent3 shape_;
  DType dtype_;
  Axis axis_;
  Projection projection_;
  BlockPlan plan_;
};

void run_lines(SlabSource& source, const ProjectSpec& spec, SlabSink& sink, const Resources& resources) {
  const bool whole_volume = spec.axis == Axis::z;
  if (whole_volume) read_through(source);
  const LineBlocks blocks(source, spec, &sink, resources);
  const BlockPlan& plan = blocks.plan();
  const BlockBuffers buffers(plan, blocks.row_bytes());
  const Buffer result(whole_volume ? sink.meta().plane_bytes() : 0);
  Progress* const progress = resources.progress;
  const auto read = [&](std::int64_t index, int slot) {
    const Box3 box = blocks.box(index);
    source.read(box, buffers.data(slot, 0));
    if (progress != nullptr) progress->bytes_in += voxels(box.shape()) * size_of(source.meta().dtype);
  };
  const bool any_order = source.seekable();
  Stages stages;
  if (!any_order) stages.first = read;
  stages.work = [&](std::int64_t index, int slot) {
    if (any_order) read(index, slot);
    blocks.project(blocks.box(index), buffers.data(slot, 0), buffers.data(slot, 1));
  };
  stages.last = [&](std::int64_t index, int slot) {
    const Box3 box = blocks.box(index);
    std::byte* const data = buffers.data(slot, 1);
    if (!whole_volume) return put_planes(sink, {box.begin.z, box.end.z}, data, progress);
    const std::int64_t row = sink.meta().row_bytes();
    std::memcpy(result.data() + box.begin.y * row, data, static_cast<std::size_t>(box.shape().y * row));
  };
  run_pipeline(plan.count(), plan.blocks_in_flight, plan.threads, stages);
  if (whole_volume) put_planes(sink, {0, 1}, result.data(), progress);
}

}  // namespace

bool project_rereads(const ProjectSpec& spec) { return spec.axis == Axis::z && !streams_planes(spec); }

PassPlan plan_project(const SlabSource& source, const ProjectSpec& spec, const SlabSink* sink,
                      const Resources& resources) {
  const VolumeMeta& meta = source.meta();
  PassPlan plan;
  plan.what = "project";
  plan.bytes_in = meta.bytes();
  plan.bytes_out = projected_meta(meta, spec.method, spec.axis).bytes();
  if (streams_planes(spec)) {
    const StreamPlan stream = plan_stream(source, spec, sink, resources);
    plan.block = {stream.planes, stream.rows, meta.shape.x};
    plan.blocks_in_flight = 2;
    plan.peak_memory = stream.peak_memory;
    return plan;
  }
  const LineBlocks blocks(source, spec, sink, resources);
  plan.block = blocks.box(0).shape();
  plan.blocks_in_flight = blocks.plan().blocks_in_flight;
  plan.peak_memory = blocks.plan().peak_memory;
  return plan;
}

void run_project(SlabSource& source, const ProjectSpec& spec, SlabSink& sink, const Resources& resources) {
  if (streams_planes(spec))
    run_stream(source, spec, sink, resources);
  else
    run_lines(source, spec, sink, resources);
}

}  // namespace vox
