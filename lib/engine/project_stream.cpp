#include "engine/project_stream.h"

#include <algorithm>
#include <cstring>

#include "core/error.h"
#include "core/numbers.h"
#include "engine/block_plan.h"
#include "engine/on_threads.h"
#include "engine/parallel.h"
#include "engine/project_ends.h"
#include "engine/slab_io.h"

namespace vox {
namespace {

constexpr std::int64_t kSlabBytes = 4 << 20;

constexpr std::int64_t kVoxelsPerTask = 16 << 10;

}  // namespace

template <class Work>
void LineSums::for_tasks(Work&& work) const {
  const std::int64_t tasks = (width_ + kVoxelsPerTask - 1) / kVoxelsPerTask;
  parallel_for(tasks, [&](std::int64_t task) {
    const std::int64_t begin = task * kVoxelsPerTask;
    work(begin, std::min(kVoxelsPerTask, width_ - begin), begin * projection_.state_bytes());
  });
}

void LineSums::add(SlabSource& source, const Interval& planes, const Interval& rows, std::int64_t at_once,
                   Progress* progress) {
  const std::int64_t element = size_of(source.meta().dtype);
  SlabReader reader(source, planes, rows, at_once, {progress, source.seekable() ? 0 : 1});
  for (;;) {
    std::int64_t count = 0;
    const std::byte* voxels_in = reader.next(count);
    if (count == 0) break;
    for_tasks([&](std::int64_t begin, std::int64_t some, std::int64_t offset) {
      projection_.add(voxels_in + begin * element, width_ * element, count, some, empty_,
                      states_.data() + offset);
    });
    empty_ = false;
  }
}

void LineSums::merge(std::span<const std::byte> other) {
  if (other.empty()) return;
  if (static_cast<std::int64_t>(other.size()) != states_.size())
    fail_damaged("the state of a pass is of other lines");
  for_tasks([&](std::int64_t begin, std::int64_t some, std::int64_t offset) {
    static_cast<void>(begin);
    if (empty_)
      std::memcpy(states_.data() + offset, other.data() + offset,
                  static_cast<std::size_t>(some * projection_.state_bytes()));
    else
      projection_.merge(other.data() + offset, some, states_.data() + offset);
  });
  empty_ = false;
}

void LineSums::finish(std::byte* out) const {
  for_tasks([&](std::int64_t begin, std::int64_t some, std::int64_t offset) {
    projection_.finish(states_.data() + offset, some, out + begin * size_of(projection_.output()));
  });
}

std::span<const std::byte> LineSums::bytes() const {
  if (empty_) return {};
  return {states_.data(), static_cast<std::size_t>(states_.size())};
}

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
              format_count(plan.rows) + " rows" +
              memory_remedy(plan.peak_memory, resources.memory, resources.taken));
}

void run_project_stream(SlabSource& source, const ProjectSpec& spec, SlabSink& sink,
                        const Resources& resources) {
  const StreamPlan plan = plan_project_stream(source, spec, &sink, resources);
  const VolumeMeta& meta = source.meta();
  const Projection projection = projection_of(meta, spec);
  const Buffer result(plan.rows * meta.shape.x * size_of(projection.output()));
  on_threads(resources.threads, [&] {
    for (std::int64_t y = 0; y < meta.shape.y; y += plan.rows) {
      const Interval rows{y, std::min(y + plan.rows, meta.shape.y)};
      LineSums sums(projection, rows.size() * meta.shape.x);
      sums.add(source, {0, meta.shape.z}, rows, plan.planes, resources.progress);
      sums.finish(result.data());
      put_projected(sink, {{0, rows.begin, 0}, {1, rows.end, meta.shape.x}}, result.data(),
                    resources.progress);
    }
  });
}

}  // namespace vox
