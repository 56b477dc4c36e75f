#include "engine/project_stream.h"

#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>

#include "core/error.h"
#include "core/numbers.h"
#include "engine/block_plan.h"
#include "engine/buffer.h"
#include "engine/first_failure.h"
#include "engine/project_ends.h"
#include "engine/slab_io.h"

namespace vox {
namespace {

constexpr std::int64_t kSlabBytes = 4 << 20;

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

}  // namespace

StreamPlan plan_project_stream(const SlabSource& source, const ProjectSpec& spec, const SlabSink* sink,
                               const Resources& resources) {
  const VolumeMeta& meta = source.meta();
  const Projection projection = projection_of(meta, spec);
  const std::int64_t fixed =
      source.held_bytes() + resources.threads * source.scratch_bytes() + project_sink_bytes(sink);
  const std::int64_t line_bytes = projection.state_bytes() + size_of(projection.output());
  StreamPlan plan;
  plan.rows = meta.shape.y;
  plan.planes = std::clamp<std::int64_t>(kSlabBytes / meta.plane_bytes(), 1, meta.shape.z);
  const auto bytes = [&] {
    return fixed + plan.rows * (2 * plan.planes * meta.row_bytes() + meta.shape.x * line_bytes);
  };
  while (plan.planes > 1 && bytes() > resources.memory) plan.planes /= 2;
  const std::int64_t sink_rows = sink == nullptr ? 1 : sink->chunk().y;
  // A source that decodes more than it is asked for is asked for all of it, where that fits.
  for (const std::int64_t multiple : {common_multiple(source.chunk().y, sink_rows, meta.shape.y), sink_rows})
    while (plan.rows > multiple && bytes() > resources.memory)
      plan.rows = std::max(multiple, plan.rows / 2 / multiple * multiple);
  plan.peak_memory = bytes();
  if (plan.peak_memory <= resources.memory) return plan;
  fail_memory("needs " + format_bytes(plan.peak_memory) + ": planes of " + format_bytes(meta.plane_bytes()) +
              " and " + format_bytes(meta.shape.x * line_bytes) + " for the sums of each of " +
              format_count(plan.rows) + " rows, --memory allows " + format_bytes(resources.memory) +
              "; use --memory " + memory_option(plan.peak_memory) + " or more");
}

void run_project_stream(SlabSource& source, const ProjectSpec& spec, SlabSink& sink,
                        const Resources& resources) {
  const StreamPlan plan = plan_project_stream(source, spec, &sink, resources);
  const VolumeMeta& meta = source.meta();
  const Projection projection = projection_of(meta, spec);
  const Buffer result(plan.rows * meta.shape.x * size_of(projection.output()));
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                  static_cast<std::size_t>(resources.threads));
  tbb::task_arena arena(resources.threads);
  for (std::int64_t y = 0; y < meta.shape.y; y += plan.rows) {
    const Interval rows{y, std::min(y + plan.rows, meta.shape.y)};
    arena.execute([&] { stream_band(source, projection, plan, rows, result.data(), resources.progress); });
    put_projected(sink, {{0, rows.begin, 0}, {1, rows.end, meta.shape.x}}, result.data(), resources.progress);
  }
}

}  // namespace vox
