#include "engine/slab_plan.h"

#include <algorithm>
#include <stdexcept>

#include "core/error.h"
#include "core/numbers.h"
#include "engine/block_plan.h"
#include "engine/halo_window.h"
#include "engine/meta_chain.h"

namespace vox {
namespace {

/// Several planes of usual volumes, still in a cache from step to step; and fresh memory costs as much as
/// copying it several times.
constexpr std::int64_t kSlabBytes = 2 << 20;
/// Enough that no thread waits long for another at the end of a slab, whoever reads and writes meanwhile.
constexpr std::int64_t kTasksPerThread = 3;
/// Planes are read and encoded by one thread each, as long as all of them are no larger.
constexpr std::int64_t kMostForThreads = 16 << 20;

std::int64_t whole(std::int64_t count, std::int64_t unit) { return (count + unit - 1) / unit * unit; }

/// Where the memory leaves the choice.
std::int64_t planes_of_slab(const KernelList& kernels, std::int64_t plane_bytes, int threads) {
  std::int64_t planes = std::min<std::int64_t>(threads, kMostForThreads / plane_bytes);
  planes = std::max({planes, kSlabBytes / plane_bytes, std::int64_t{1}});
  for (const Kernel* kernel : kernels)
    planes = whole(planes, std::max<std::int64_t>(kernel->planes_at_once(), 1));
  return planes;
}

Extent3 summed_halo(const KernelList& kernels) {
  Extent3 sum;
  for (const Kernel* kernel : kernels) {
    const Extent3 halo = kernel->halo();
    sum = {sum.z + halo.z, sum.y + halo.y, sum.x + halo.x};
  }
  return sum;
}

/// Throws when the neighbourhood of a single voxel is so large that its bytes, and those that filters need
/// for it, could not be counted in 64 bits.
void check_countable(const Extent3& shape, const Extent3& halo) {
  constexpr double kMost = 1e16;
  const auto reached = [](std::int64_t n, std::int64_t reach) {
    return static_cast<double>(n) + 2.0 * static_cast<double>(reach);
  };
  if (reached(1, halo.z) * reached(shape.y, halo.y) * reached(shape.x, halo.x) <= kMost) return;
  fail_memory("the neighbourhood reaches " + to_string(halo) +
              " voxels to either side, which no memory holds; use a smaller radius");
}

/// What a run holds for slabs of some planes and bands of some rows.
class SlabMemory {
 public:
  SlabMemory(const SlabSource& source, const KernelList& kernels, const Boundary& boundary,
             const SlabSink* sink, int threads)
      : kernels_(kernels),
        boundary_(boundary),
        metas_(metas_along(source.meta(), kernels)),
        held_(source.held_bytes() + (sink == nullptr ? 0 : sink->held_bytes())),
        ends_scratch_(source.scratch_bytes() + (sink == nullptr ? 0 : sink->scratch_bytes())),
        tile_(tile_of(kernels, source.meta().shape)),
        threads_(threads) {}

  std::int64_t bytes(const SlabPlan& plan) const {
    return bytes(plan.planes, plan.rows, plan.workers, plan.carries);
  }

  std::int64_t bytes(std::int64_t planes, std::int64_t rows, int workers, bool carries) const {
    // A band in the middle needs the most.
    const std::int64_t ny = metas_.front().shape.y;
    const std::int64_t first = rows == ny ? 0 : (ny - rows) / 2;
    const auto rows_of = [&](std::size_t step) {
      return rows_needed(metas_.front(), kernels_, boundary_, step, {first, first + rows}).size();
    };
    const bool tiled = tile_.z > 0;
    const std::int64_t planes_out = tiled ? tile_.z : planes;
    std::int64_t result = held_ + 2 * planes_out * rows * metas_.back().row_bytes();
    std::int64_t per_thread = ends_scratch_;
    for (std::size_t i = 0; i < kernels_.size(); ++i) {
      const SlabTasks tasks(*kernels_[i], rows_of(i + 1), metas_[i].shape.x, threads_);
      result += HaloWindow::bytes(metas_[i], kernels_[i]->halo(), boundary_,
                                  window_planes(kernels_, i, tile_, planes), rows_of(i)) +
                (carries ? tasks.carried_bytes() : 0);
      if (tiled && i + 1 == kernels_.size())
        result += workers * kernels_[i]->scratch_bytes({tile_.z, std::min(tile_.y, rows), tile_.x});
      else
        per_thread += kernels_[i]->scratch_bytes({planes, tasks.rows(), metas_[i].shape.x});
    }
    return result + threads_ * per_thread;
  }

 private:
  const KernelList& kernels_;
  const Boundary& boundary_;
  std::vector<VolumeMeta> metas_;
  std::int64_t held_;
  std::int64_t ends_scratch_;
  Extent3 tile_;
  int threads_;
};

/// The most rows of a band, a multiple of `multiple`, that fit with one plane at a time; at least `multiple`.
std::int64_t rows_that_fit(const SlabMemory& memory, const SlabPlan& plan, std::int64_t multiple,
                           std::int64_t all, std::int64_t allowed) {
  std::int64_t fits = 1;
  std::int64_t too_many = (all + multiple - 1) / multiple;
  while (fits + 1 < too_many) {
    const std::int64_t middle = fits + (too_many - fits) / 2;
    const std::int64_t rows = std::min(middle * multiple, all);
    (memory.bytes(1, rows, plan.workers, plan.carries) <= allowed ? fits : too_many) = middle;
  }
  return std::min(fits * multiple, all);
}

[[noreturn]] void fail_too_large(const SlabPlan& plan, const VolumeMeta& meta, bool bands_allowed,
                                 const Resources& resources) {
  const bool tiled = plan.tile.z > 1;
  fail_memory("needs " + format_bytes(plan.peak_memory) + ": planes of " + format_bytes(meta.plane_bytes()) +
              " with " + std::to_string(plan.halo.z) + " neighbours on either side" +
              (tiled ? ", in blocks of " + std::to_string(plan.tile.z) + " planes" : "") +
              (bands_allowed ? ", in bands of " + std::to_string(plan.rows) + " rows" : "") +
              memory_remedy(plan.peak_memory, resources.memory, resources.taken) +
              (tiled ? ", or blocks of fewer planes (--block)" : "") +
              (bands_allowed ? "" : ", or files that are not compressed instead of pipes"));
}

}  // namespace

SlabTasks::SlabTasks(const Kernel& kernel, std::int64_t rows, std::int64_t columns, int threads) {
  constexpr std::int64_t kUsual = 64;
  constexpr std::int64_t kFewest = 16;
  constexpr std::int64_t kLine = 64;
  constexpr std::int64_t kTogether = 4;                            // rows that some kernels compute at once
  const std::int64_t fewest = carries(kernel) ? kFewest : kUsual;  // others are cut into planes as well
  const std::int64_t most = std::max(kUsual, 16 * kernel.halo().y);
  const std::int64_t usual = std::clamp(rows / (kTasksPerThread * threads), fewest, most);
  const std::int64_t tasks = std::max<std::int64_t>((rows + usual / 2) / usual, 1);
  rows_ = std::min(rows, whole((rows + tasks - 1) / tasks, kTogether));
  count_ = (rows + rows_ - 1) / rows_;
  task_bytes_ = whole(kernel.carried_bytes(rows_, columns), kLine);
}

std::int64_t SlabTasks::planes(std::int64_t slab, std::int64_t at_once, int threads) const {
  const std::int64_t parts = (kTasksPerThread * threads + count_ - 1) / count_;
  return whole((slab + parts - 1) / parts, std::max<std::int64_t>(at_once, 1));
}

Extent3 tile_of(const KernelList& kernels, const Extent3& volume) {
  const Extent3 none{0, 0, 0};
  Extent3 tile = none;
  for (const Kernel* kernel : kernels) {
    if (tile != none) throw std::logic_error("only the last kernel may have tiles");
    tile = kernel->tile();
    if (tile != none && kernel->looks_back() != 0)
      throw std::logic_error("a kernel with tiles cannot look back");
  }
  return {std::min(tile.z, volume.z), std::min(tile.y, volume.y), std::min(tile.x, volume.x)};
}

std::int64_t window_planes(const KernelList& kernels, std::size_t step, const Extent3& tile,
                           std::int64_t planes) {
  const std::int64_t ahead = step == 0 ? planes : 0;
  const std::int64_t waiting = tile.z > 0 && step + 1 == kernels.size() ? tile.z - 1 : 0;
  return planes + ahead + waiting + planes_kept(kernels, step);
}

std::int64_t planes_kept(const KernelList& kernels, std::size_t step) {
  std::int64_t kept = carries(*kernels[step]) ? 1 : 0;
  std::int64_t behind = 0;  // planes by which kernel i lags behind the end of the window
  for (std::size_t i = step; i < kernels.size(); ++i) {
    if (i > step && i - static_cast<std::size_t>(kernels[i]->looks_back()) == step)
      kept = std::max(kept, behind - 2 * kernels[step]->halo().z);
    behind += kernels[i]->halo().z;
  }
  return kept;
}

Interval rows_needed(const VolumeMeta& input, const KernelList& kernels, const Boundary& boundary,
                     std::size_t step, const Interval& output) {
  const Interval all{0, input.shape.y};
  if (output == all) return all;
  Interval rows = output;
  for (std::size_t i = step; i < kernels.size(); ++i) {
    rows.begin -= kernels[i]->halo().y;
    rows.end += kernels[i]->halo().y;
  }
  if (boundary.mode == BoundaryMode::wrap) return rows;
  return {std::max(rows.begin, all.begin), std::min(rows.end, all.end)};
}

Interval planes_needed(const VolumeMeta& input, const KernelList& kernels, const Boundary& boundary,
                       std::size_t step, const Interval& output) {
  Interval planes = output;
  for (std::size_t i = step; i < kernels.size(); ++i) {
    planes.begin -= kernels[i]->halo().z;
    planes.end += kernels[i]->halo().z;
  }
  if (boundary.mode == BoundaryMode::wrap) return planes;
  return {std::max<std::int64_t>(planes.begin, 0), std::min(planes.end, input.shape.z)};
}

SlabPlan plan_slabs(const SlabSource& source, const KernelList& kernels, const Boundary& boundary,
                    const SlabSink* sink, const Resources& resources) {
  const VolumeMeta& meta = source.meta();
  const SlabMemory memory(source, kernels, boundary, sink, resources.threads);
  SlabPlan plan;
  plan.halo = summed_halo(kernels);
  check_countable(meta.shape, plan.halo);
  plan.tile = tile_of(kernels, meta.shape);
  const bool bands_allowed = source.seekable() && (sink == nullptr || sink->seekable());
  const std::int64_t chunk = sink == nullptr ? 1 : std::min(sink->chunk().y, meta.shape.y);
  const std::int64_t multiple = common_multiple(chunk, std::max<std::int64_t>(plan.tile.y, 1), meta.shape.y);
  const std::int64_t wanted = planes_of_slab(kernels, meta.plane_bytes(), resources.threads);
  for (const bool carries : {true, false}) {
    plan.carries = carries;
    plan.planes = std::min(std::max(wanted, plan.tile.z), meta.shape.z);
    plan.rows = meta.shape.y;
    plan.workers = resources.threads;
    const auto fits = [&] { return memory.bytes(plan) <= resources.memory; };
    while (plan.planes > 1 && !fits()) --plan.planes;
    if (!fits() && bands_allowed)
      plan.rows = rows_that_fit(memory, plan, multiple, meta.shape.y, resources.memory);
    while (plan.tile.z > 0 && plan.workers > 1 && !fits()) --plan.workers;
    plan.peak_memory = memory.bytes(plan);
    if (plan.peak_memory <= resources.memory) return plan;
  }
  fail_too_large(plan, meta, bands_allowed, resources);
}

}  // namespace vox
