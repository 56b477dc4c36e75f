#include "engine/map_slabs.h"

#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <mutex>
#include <stdexcept>

#include "core/error.h"
#include "core/numbers.h"
#include "engine/block_plan.h"
#include "engine/halo_window.h"
#include "engine/meta_chain.h"
#include "engine/slab_io.h"

namespace vox {
namespace {

constexpr std::int64_t kSlabBytes = 8 << 20;
constexpr std::int64_t kBandRows = 64;  ///< rows that one thread computes at once

/// Planes of each volume along the chain that are in memory at once, and their bytes.
struct SlabPlan {
  std::int64_t planes = 1;
  std::int64_t peak_memory = 0;
  Extent3 halo;
};

std::int64_t bytes_for(std::int64_t planes, const std::vector<VolumeMeta>& metas, const KernelList& kernels,
                       std::int64_t scratch) {
  std::int64_t bytes = 2 * planes * (metas.front().plane_bytes() + metas.back().plane_bytes()) + scratch;
  for (std::size_t i = 0; i < kernels.size(); ++i)
    bytes += HaloWindow::bytes(metas[i], kernels[i]->halo(), planes);
  return bytes;
}

SlabPlan make_plan(const SlabSource& source, const KernelList& kernels, const SlabSink* sink,
                   const Resources& resources) {
  const std::vector<VolumeMeta> metas = metas_along(source.meta(), kernels);
  const Extent3 volume = source.meta().shape;
  SlabPlan plan;
  std::int64_t scratch = source.scratch_bytes() + (sink == nullptr ? 0 : sink->scratch_bytes());
  for (const Kernel* kernel : kernels) {
    const Extent3 halo = kernel->halo();
    plan.halo = {plan.halo.z + halo.z, plan.halo.y + halo.y, plan.halo.x + halo.x};
  }
  const std::int64_t least = std::max<std::int64_t>(1, 2 * plan.halo.z);
  plan.planes =
      std::clamp<std::int64_t>(kSlabBytes / metas.front().plane_bytes(), std::min(least, volume.z), volume.z);
  const auto bytes_of = [&](std::int64_t planes) {
    std::int64_t per_thread = scratch;
    for (const Kernel* kernel : kernels)
      per_thread += kernel->scratch_bytes({planes, std::min(kBandRows, volume.y), volume.x});
    return bytes_for(planes, metas, kernels, per_thread * resources.threads);
  };
  while (plan.planes > 1 && bytes_of(plan.planes) > resources.memory) --plan.planes;
  plan.peak_memory = bytes_of(plan.planes);
  if (plan.peak_memory <= resources.memory) return plan;
  fail_memory("needs " + format_bytes(plan.peak_memory) + ": planes of " +
              format_bytes(metas.front().plane_bytes()) + " with " + std::to_string(plan.halo.z) +
              " neighbours on either side, --memory allows " + format_bytes(resources.memory) +
              "; use --memory " + memory_option(plan.peak_memory) + " or more");
}

/// Reads a spooled pipe to its end, so that it can seek.
void read_through(SlabSource& source) {
  const VolumeMeta& meta = source.meta();
  const Buffer plane(meta.plane_bytes());
  for (std::int64_t z = 0; z < meta.shape.z; ++z)
    source.read({{z, 0, 0}, {z + 1, meta.shape.y, meta.shape.x}}, plane.data());
  if (!source.seekable()) throw std::logic_error("boundary wrap needs a source that can seek");
}

class SlabMap {
 public:
  SlabMap(SlabSource& source, const KernelList& kernels, const Boundary& boundary, SlabSink& sink,
          const Resources& resources, const SlabPlan& plan)
      : kernels_(kernels),
        metas_(metas_along(source.meta(), kernels)),
        planes_(plan.planes),
        extra_(boundary.mode == BoundaryMode::wrap ? plan.halo.z : 0),
        reader_(source, -extra_, source.meta().shape.z + extra_, plan.planes, resources.progress),
        writer_(sink, plan.planes, resources.progress) {
    const std::int64_t nz = source.meta().shape.z;
    std::int64_t beyond = extra_;
    for (std::size_t i = 0; i < kernels.size(); ++i) {
      windows_.emplace_back(metas_[i], kernels[i]->halo(), boundary, planes_, -beyond);
      if (extra_ > 0) beyond -= kernels[i]->halo().z;
      next_.push_back(-beyond);
      last_.push_back(nz + beyond);
    }
  }

  Tally run() {
    for (;;) {
      std::int64_t count = 0;
      const std::byte* planes = reader_.next(count);
      if (count == 0) break;
      take_in(planes, count);
      advance(0);
    }
    writer_.finish();
    return tally_;
  }

 private:
  void take_in(const std::byte* planes, std::int64_t count) {
    const VolumeMeta& meta = metas_.front();
    const Block target = windows_.front().next(count);
    tbb::parallel_for(std::int64_t{0}, count, [&](std::int64_t i) {
      for (std::int64_t y = 0; y < meta.shape.y; ++y)
        std::copy_n(planes + i * meta.plane_bytes() + y * meta.row_bytes(), meta.row_bytes(),
                    target.row(i, y));
      windows_.front().fill_margins(target.box.begin.z + i);
    });
    windows_.front().commit(count);
  }

  /// Computes all that the window of kernel `i` allows, and passes it on.
  void advance(std::size_t i) {
    const std::int64_t halo = kernels_[i]->halo().z;
    for (;;) {
      if (windows_[i].begin() + halo > next_[i]) return;  // the planes before the first are not there yet
      const std::int64_t count =
          std::min({windows_[i].end() - halo - next_[i], last_[i] - next_[i], planes_});
      if (count <= 0) return;
      if (i + 1 == kernels_.size())
        compute_output(i, count);
      else
        compute_between(i, count);
      next_[i] += count;
      windows_[i].forget_below(next_[i] - halo);
      if (i + 1 < kernels_.size()) advance(i + 1);
    }
  }

  void compute_output(std::size_t i, std::int64_t count) {
    const Extent3 shape = metas_[i + 1].shape;
    const Box3 box{{next_[i], 0, 0}, {next_[i] + count, shape.y, shape.x}};
    compute(i, dense_block(writer_.next(), metas_[i + 1].dtype, box));
    writer_.commit(next_[i], count);
  }

  void compute_between(std::size_t i, std::int64_t count) {
    HaloWindow& window = windows_[i + 1];
    compute(i, window.next(count));
    tbb::parallel_for(std::int64_t{0}, count, [&](std::int64_t k) { window.fill_margins(next_[i] + k); });
    window.commit(count);
  }

  void compute(std::size_t i, const Block& out) {
    const std::int64_t rows = out.box.end.y;
    const std::int64_t bands = (rows + kBandRows - 1) / kBandRows;
    tbb::parallel_for(std::int64_t{0}, bands, [&](std::int64_t band) {
      Block part = out;
      part.box.begin.y = band * kBandRows;
      part.box.end.y = std::min(rows, (band + 1) * kBandRows);
      part.data = out.row(0, part.box.begin.y);
      Tally tally;
      kernels_[i]->apply(windows_[i].block(part.box), part, tally);
      const std::lock_guard lock(tally_mutex_);
      tally_ += tally;
    });
  }

  const KernelList& kernels_;
  std::vector<VolumeMeta> metas_;
  std::int64_t planes_;
  std::int64_t extra_;  ///< planes read around the volume's ends, boundary wrap
  SlabReader reader_;
  SlabWriter writer_;
  std::vector<HaloWindow> windows_;
  std::vector<std::int64_t> next_;  ///< per kernel: the next plane to compute
  std::vector<std::int64_t> last_;  ///< per kernel: the end of the planes to compute
  std::mutex tally_mutex_;
  Tally tally_;
};

}  // namespace

PassPlan plan_map_slabs(const SlabSource& source, const KernelList& kernels, const Boundary& boundary,
                        const VolumeMeta& output, const SlabSink* sink, const Resources& resources) {
  static_cast<void>(boundary);
  const SlabPlan slabs = make_plan(source, kernels, sink, resources);
  PassPlan plan;
  plan.what = "map";
  plan.block = {slabs.planes, source.meta().shape.y, source.meta().shape.x};
  plan.halo = slabs.halo;
  plan.blocks_in_flight = 2;
  plan.peak_memory = slabs.peak_memory;
  plan.bytes_in = source.meta().bytes();
  plan.bytes_out = output.bytes();
  return plan;
}

Tally run_map_slabs(SlabSource& source, const KernelList& kernels, const Boundary& boundary, SlabSink& sink,
                    const Resources& resources) {
  const SlabPlan plan = make_plan(source, kernels, &sink, resources);
  if (boundary.mode == BoundaryMode::wrap && plan.halo.z > 0 && !source.seekable()) read_through(source);
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                  static_cast<std::size_t>(resources.threads));
  tbb::task_arena arena(resources.threads);
  return arena.execute([&] { return SlabMap(source, kernels, boundary, sink, resources, plan).run(); });
}

}  // namespace vox
