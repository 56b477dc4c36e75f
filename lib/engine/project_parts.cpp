#include "engine/project_parts.h"

#include "core/error.h"
#include "core/numbers.h"
#include "engine/block_plan.h"
#include "engine/on_threads.h"
#include "engine/project_ends.h"

namespace vox {

ProjectParts::ProjectParts(SlabSource& source, const ProjectSpec& spec, const Resources& resources)
    : source_(source), spec_(spec), resources_(resources), projection_(projection_of(source.meta(), spec)) {}

bool ProjectParts::can_share(const VolumeMeta& meta, const ProjectSpec& spec) {
  return projection_of(meta, spec).can_merge();
}

PassPlan ProjectParts::plan(const Interval& planes) const {
  const VolumeMeta& meta = source_.meta();
  const std::int64_t sums = meta.shape.y * meta.shape.x * projection_.state_bytes();
  Resources left = resources_;
  left.memory -= 2 * sums;  // as they are kept, or come from others
  const StreamPlan stream = plan_project_stream(source_, spec_, nullptr, left);
  if (stream.rows < meta.shape.y) {
    const std::int64_t needed = 4 * sums + 2 * meta.plane_bytes();
    fail_memory("parts of a projection hold the sums of all lines, which takes " + format_bytes(needed) +
                memory_remedy(needed, resources_.memory, resources_.taken));
  }
  PassPlan plan;
  plan.what = "project planes of a part";
  plan.block = {stream.planes, stream.rows, meta.shape.x};
  plan.blocks_in_flight = 2;
  plan.peak_memory = stream.peak_memory + 2 * sums;
  plan.bytes_in = planes.size() * meta.plane_bytes();
  return plan;
}

void ProjectParts::look(const Interval& planes) {
  const Extent3& shape = source_.meta().shape;
  const std::int64_t at_once = plan(planes).block.z;
  sums_.emplace(projection_, shape.y * shape.x);
  if (planes.size() == 0) return;
  on_threads(resources_.threads, [&] {
    sums_->add(source_, planes, {0, shape.y}, at_once, resources_.progress);
  });
}

void ProjectParts::keep(KeptState& state) {
  std::vector<std::byte> bytes(sums_->bytes().begin(), sums_->bytes().end());
  state.list(bytes);
}

void ProjectParts::take(KeptState& state) {
  const Extent3& shape = source_.meta().shape;
  if (!sums_) sums_.emplace(projection_, shape.y * shape.x);
  std::vector<std::byte> bytes;
  state.list(bytes);
  on_threads(resources_.threads, [&] { sums_->merge(bytes); });
}

void ProjectParts::write(SlabSink& sink) const {
  const Buffer result(sink.meta().plane_bytes());
  on_threads(resources_.threads, [&] { sums_->finish(result.data()); });
  put_projected(sink, whole(sink.meta().shape), result.data(), resources_.progress);
}

}  // namespace vox
