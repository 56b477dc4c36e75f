// Reduce: every voxel is shown to one of the threads' reducers, which are merged at the end.
#include <tbb/enumerable_thread_specific.h>

#include <algorithm>
#include <stdexcept>

#include "engine/block_buffers.h"
#include "engine/engine.h"
#include "engine/pipeline.h"

namespace vox {
namespace {

constexpr std::int64_t kBlockBytes = 512 << 10;

std::int64_t total_row_bytes(std::span<SlabSource* const> sources) {
  std::int64_t total = 0;
  for (const SlabSource* source : sources) total += source->meta().row_bytes();
  return total;
}

Interval all_planes(std::span<SlabSource* const> sources) { return {0, sources[0]->meta().shape.z}; }

BlockPlan make_plan(std::span<SlabSource* const> sources, const Reducer& reducer, const Resources& resources,
                    const Interval& planes) {
  BlockNeeds needs;
  needs.planes = planes;
  needs.volume = sources[0]->meta().shape;
  bool ordered = false;
  for (const SlabSource* source : sources) {
    const Extent3 chunk = source->chunk();
    needs.rows_multiple = common_multiple(needs.rows_multiple, chunk.y, needs.volume.y);
    needs.planes_multiple = common_multiple(needs.planes_multiple, chunk.z, needs.volume.z);
    needs.scratch_per_thread += source->scratch_bytes();
    needs.held += source->held_bytes();
    ordered = ordered || !source->seekable();
  }
  if (ordered) needs.planes_multiple = 1;  // several planes of some rows are out of scan order
  needs.rows_multiple = common_multiple(needs.rows_multiple, reducer.row_multiple(), needs.volume.y);
  needs.bytes_per_row = total_row_bytes(sources);
  needs.target_bytes = kBlockBytes;
  needs.scratch_per_thread += reducer.memory_bytes();
  needs.threads = resources.threads;
  needs.blocks_wanted = needs.threads == 1 ? 1 : needs.threads + (ordered ? 2 : 0);
  needs.memory = resources.memory;
  needs.taken = resources.taken;
  return plan_blocks(needs);
}

}  // namespace

PassPlan plan_reduce(std::span<SlabSource* const> sources, const Reducer& reducer,
                     const Resources& resources) {
  return plan_reduce(sources, reducer, resources, all_planes(sources));
}

PassPlan plan_reduce(std::span<SlabSource* const> sources, const Reducer& reducer, const Resources& resources,
                     const Interval& planes) {
  const BlockPlan blocks = make_plan(sources, reducer, resources, planes);
  PassPlan plan;
  plan.what = "reduce";
  plan.block = blocks.block();
  plan.blocks_in_flight = blocks.blocks_in_flight;
  plan.peak_memory = blocks.peak_memory;
  for (const SlabSource* source : sources) plan.bytes_in += planes.size() * source->meta().plane_bytes();
  return plan;
}

void run_reduce(std::span<SlabSource* const> sources, Reducer& reducer, const Resources& resources) {
  run_reduce(sources, reducer, resources, all_planes(sources));
}

void run_reduce(std::span<SlabSource* const> sources, Reducer& reducer, const Resources& resources,
                const Interval& planes) {
  for (const SlabSource* source : sources)
    if (source->meta().shape != sources[0]->meta().shape)
      throw std::logic_error("volumes of different shapes in one pass");
  const BlockPlan plan = make_plan(sources, reducer, resources, planes);
  std::vector<std::int64_t> row_bytes;
  for (const SlabSource* source : sources) row_bytes.push_back(source->meta().row_bytes());
  const BlockBuffers buffers(plan, row_bytes);
  // Asked once: a spool can seek as soon as its last voxel has come.
  std::vector<bool> in_any_order;
  for (const SlabSource* source : sources) in_any_order.push_back(source->seekable());
  tbb::enumerable_thread_specific<std::unique_ptr<Reducer>> per_thread([&] { return reducer.empty(); });

  const auto read = [&](std::int64_t index, int slot, bool seekable) {
    const Box3 box = plan.box(index);
    for (std::size_t i = 0; i < sources.size(); ++i) {
      if (in_any_order[i] != seekable) continue;
      sources[i]->read(box, buffers.data(slot, i));
      if (resources.progress != nullptr)
        resources.progress->bytes_in += voxels(box.shape()) * size_of(sources[i]->meta().dtype);
    }
  };

  Stages stages;
  stages.first = [&](std::int64_t index, int slot) { read(index, slot, false); };
  stages.work = [&](std::int64_t index, int slot) {
    read(index, slot, true);
    std::vector<ConstBlock> blocks;
    for (std::size_t i = 0; i < sources.size(); ++i)
      blocks.push_back(
          const_view(dense_block(buffers.data(slot, i), sources[i]->meta().dtype, plan.box(index))));
    per_thread.local()->observe(blocks);
  };
  run_pipeline(plan.count(), plan.blocks_in_flight, plan.threads, stages);
  for (const auto& part : per_thread) reducer.merge(*part);
}

}  // namespace vox
