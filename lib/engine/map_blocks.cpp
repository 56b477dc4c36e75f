#include "engine/map_blocks.h"

#include <algorithm>
#include <mutex>
#include <numeric>

#include "engine/block_buffers.h"

#include "engine/meta_chain.h"
#include "engine/pipeline.h"

namespace vox {
namespace {

// Blocks that stay in the second-level cache; through a pipe smaller ones, which reader and writer pass on
// warm.
constexpr std::int64_t kFileBlockBytes = 512 << 10;
constexpr std::int64_t kPipeBlockBytes = 256 << 10;

std::vector<std::int64_t> row_bytes_of(const std::vector<VolumeMeta>& metas) {
  std::vector<std::int64_t> bytes;
  bytes.reserve(metas.size());
  for (const VolumeMeta& meta : metas) bytes.push_back(meta.row_bytes());
  return bytes;
}

/// A pipe on both sides and only point operations between: more threads would only hand data around.
bool one_thread_is_enough(const SlabSource& source, bool sink_seekable, bool sink_encodes) {
  return !source.seekable() && !sink_seekable && !sink_encodes;
}

BlockPlan make_plan(const SlabSource& source, const KernelList& kernels, const std::vector<VolumeMeta>& metas,
                    const SlabSink* sink, const Resources& resources, const Interval& planes) {
  const bool sink_seekable = sink == nullptr || sink->seekable();
  const bool sink_encodes = sink != nullptr && sink->encodes();
  const Extent3 source_chunk = source.chunk();
  const Extent3 sink_chunk = sink == nullptr ? Extent3{1, 1, 1} : sink->chunk();
  const Extent3 volume = source.meta().shape;
  BlockNeeds needs;
  needs.volume = volume;
  needs.planes = planes;
  needs.rows_multiple = common_multiple(source_chunk.y, sink_chunk.y, volume.y);
  // Several planes of some rows are out of scan order.
  const bool any_order = source.seekable() && sink_seekable;
  needs.planes_multiple = any_order ? common_multiple(source_chunk.z, sink_chunk.z, volume.z) : 1;
  const std::vector<std::int64_t> row_bytes = row_bytes_of(metas);
  needs.bytes_per_row = std::accumulate(row_bytes.begin(), row_bytes.end(), std::int64_t{0});
  const bool piped = !source.seekable() || (!sink_seekable && !sink_encodes);
  const std::int64_t widest = *std::max_element(row_bytes.begin(), row_bytes.end());
  const std::int64_t target = piped ? kPipeBlockBytes : kFileBlockBytes;
  needs.target_bytes = std::max<std::int64_t>(1, target / widest) * needs.bytes_per_row;
  needs.threads = one_thread_is_enough(source, sink_seekable, sink_encodes) ? 1 : resources.threads;
  const bool ordered = !source.seekable() || !sink_seekable;
  needs.blocks_wanted = needs.threads == 1 ? 1 : needs.threads + (ordered ? 2 : 0);
  for (const Kernel* kernel : kernels)
    needs.scratch_per_thread += kernel->scratch_bytes({1, needs.rows_multiple, volume.x});
  needs.scratch_per_thread += source.scratch_bytes() + (sink == nullptr ? 0 : sink->scratch_bytes());
  needs.held = source.held_bytes() + (sink == nullptr ? 0 : sink->held_bytes());
  needs.memory = resources.memory;
  needs.taken = resources.taken;
  return plan_blocks(needs);
}

class BlockMap {
 public:
  BlockMap(SlabSource& source, const KernelList& kernels, SlabSink& sink, const Resources& resources,
           const Interval& planes)
      : source_(source),
        kernels_(kernels),
        sink_(sink),
        progress_(resources.progress),
        metas_(metas_along(source.meta(), kernels)),
        plan_(make_plan(source, kernels, metas_, &sink, resources, planes)),
        buffers_(plan_, row_bytes_of(metas_)),
        encoded_(static_cast<std::size_t>(plan_.blocks_in_flight)) {}

  Tally run() {
    Stages stages;
    if (!any_order_) stages.first = [this](std::int64_t index, int slot) { read(index, slot); };
    stages.work = [this](std::int64_t index, int slot) { work(index, slot); };
    if (!sink_.seekable()) stages.last = [this](std::int64_t index, int slot) { write(index, slot); };
    run_pipeline(plan_.count(), plan_.blocks_in_flight, plan_.threads, stages);
    return tally_;
  }

 private:
  std::span<std::byte> result(const Box3& box, int slot) const {
    const std::size_t last = kernels_.size();
    return {buffers_.data(slot, last),
            static_cast<std::size_t>(voxels(box.shape()) * size_of(metas_[last].dtype))};
  }

  void read(std::int64_t index, int slot) {
    const Box3 box = plan_.box(index);
    source_.read(box, buffers_.data(slot, 0));
    if (progress_ != nullptr) progress_->bytes_in += voxels(box.shape()) * size_of(metas_[0].dtype);
  }

  void work(std::int64_t index, int slot) {
    const Box3 box = plan_.box(index);
    if (any_order_) read(index, slot);
    Tally tally;
    for (std::size_t step = 0; step < kernels_.size(); ++step) {
      const Block in = dense_block(buffers_.data(slot, step), metas_[step].dtype, box);
      const Block out = dense_block(buffers_.data(slot, step + 1), metas_[step + 1].dtype, box);
      const int back = kernels_[step]->looks_back();
      if (back == 0) {
        kernels_[step]->apply(const_view(in), out, tally);
        continue;
      }
      const std::size_t before = step - static_cast<std::size_t>(back);
      const Block earlier = dense_block(buffers_.data(slot, before), metas_[before].dtype, box);
      kernels_[step]->apply_beside(const_view(in), const_view(earlier), out, tally);
    }
    {
      const std::lock_guard lock(tally_mutex_);
      tally_ += tally;
    }
    if (sink_.encodes()) sink_.encode(box, result(box, slot), encoded_[static_cast<std::size_t>(slot)]);
    if (sink_.seekable()) write(index, slot);
  }

  void write(std::int64_t index, int slot) {
    const Box3 box = plan_.box(index);
    const auto voxels_out = result(box, slot);
    if (sink_.encodes())
      sink_.put_encoded(box, encoded_[static_cast<std::size_t>(slot)]);
    else
      sink_.put(box, voxels_out);
    if (progress_ != nullptr) progress_->bytes_out += static_cast<std::int64_t>(voxels_out.size());
  }

  SlabSource& source_;
  bool any_order_ = source_.seekable();
  const KernelList& kernels_;
  SlabSink& sink_;
  Progress* progress_;
  std::vector<VolumeMeta> metas_;
  BlockPlan plan_;
  BlockBuffers buffers_;
  std::vector<Encoded> encoded_;
  std::mutex tally_mutex_;
  Tally tally_;
};

}  // namespace

PassPlan plan_map_blocks(const SlabSource& source, const KernelList& kernels, const VolumeMeta& output,
                         const SlabSink* sink, const Resources& resources, const Interval& planes) {
  const BlockPlan blocks =
      make_plan(source, kernels, metas_along(source.meta(), kernels), sink, resources, planes);
  PassPlan plan;
  plan.what = "map";
  plan.block = blocks.block();
  plan.blocks_in_flight = blocks.blocks_in_flight;
  plan.peak_memory = blocks.peak_memory;
  plan.bytes_in = planes.size() * source.meta().plane_bytes();
  plan.bytes_out = planes.size() * output.plane_bytes();
  return plan;
}

Tally run_map_blocks(SlabSource& source, const KernelList& kernels, SlabSink& sink,
                     const Resources& resources, const Interval& planes) {
  return BlockMap(source, kernels, sink, resources, planes).run();
}

}  // namespace vox
