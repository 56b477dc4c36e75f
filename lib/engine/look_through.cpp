#include "engine/look_through.h"

#include "engine/block_buffers.h"
#include "engine/pipeline.h"

namespace vox {
namespace {

constexpr std::int64_t kBlockBytes = 512 << 10;

BlockPlan make_plan(const SlabSource& source, SightMethod method, Axis axis, std::int64_t held,
                    const Resources& resources) {
  const VolumeMeta& meta = source.meta();
  BlockNeeds needs;
  needs.volume = meta.shape;
  needs.rows_multiple = common_multiple(1, source.chunk().y, needs.volume.y);
  // Several planes of some rows are out of a pipe's order.
  if (source.seekable()) needs.planes_multiple = common_multiple(1, source.chunk().z, needs.volume.z);
  needs.bytes_per_row = meta.row_bytes();
  needs.target_bytes = kBlockBytes;
  needs.scratch_per_thread = source.scratch_bytes();
  needs.held = held + source.held_bytes() + SightLines::memory_bytes(method, axis, meta.shape, meta.dtype);
  needs.threads = resources.threads;
  needs.blocks_wanted = resources.threads == 1 ? 1 : resources.threads + 2;
  needs.memory = resources.memory;
  return plan_blocks(needs);
}

}  // namespace

PassPlan plan_look_through(const SlabSource& source, SightMethod method, Axis axis, std::int64_t held,
                           const Resources& resources) {
  const BlockPlan blocks = make_plan(source, method, axis, held, resources);
  PassPlan plan;
  plan.what = "project";
  plan.block = blocks.block();
  plan.blocks_in_flight = blocks.blocks_in_flight;
  plan.peak_memory = blocks.peak_memory;
  plan.bytes_in = source.meta().bytes();
  return plan;
}

PlaneVoxels run_look_through(SlabSource& source, SightMethod method, Axis axis, const Resources& resources) {
  const VolumeMeta& meta = source.meta();
  const BlockPlan plan = make_plan(source, method, axis, 0, resources);
  const BlockBuffers buffers(plan, {meta.row_bytes()});
  SightLines projection(method, axis, meta.shape, meta.dtype);
  const auto read = [&](std::int64_t index, int slot) {
    source.read(plan.box(index), buffers.data(slot, 0));
    if (resources.progress != nullptr)
      resources.progress->bytes_in += voxels(plan.box(index).shape()) * size_of(meta.dtype);
  };
  Stages stages;
  // Asked once: a spool can seek as soon as its last voxel has come.
  (source.seekable() ? stages.work : stages.first) = read;
  if (!stages.work) stages.work = [](std::int64_t, int) {};
  stages.last = [&](std::int64_t index, int slot) {
    projection.add(const_view(dense_block(buffers.data(slot, 0), meta.dtype, plan.box(index))));
  };
  run_pipeline(plan.count(), plan.blocks_in_flight, plan.threads, stages);
  return projection.result();
}

}  // namespace vox
