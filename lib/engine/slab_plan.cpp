#include "engine/slab_plan.h"

#include <algorithm>

#include "core/error.h"
#include "core/numbers.h"
#include "engine/block_plan.h"
#include "engine/halo_window.h"
#include "engine/meta_chain.h"

namespace vox {
namespace {

constexpr std::int64_t kSlabBytes = 8 << 20;

Extent3 summed_halo(const KernelList& kernels) {
  Extent3 sum;
  for (const Kernel* kernel : kernels) {
    const Extent3 halo = kernel->halo();
    sum = {sum.z + halo.z, sum.y + halo.y, sum.x + halo.x};
  }
  return sum;
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
        threads_(threads) {}

  std::int64_t bytes(std::int64_t planes, std::int64_t rows) const {
    // A band in the middle needs the most.
    const std::int64_t ny = metas_.front().shape.y;
    const std::int64_t first = rows == ny ? 0 : (ny - rows) / 2;
    const auto rows_of = [&](std::size_t step) {
      return rows_needed(metas_.front(), kernels_, boundary_, step, {first, first + rows}).size();
    };
    std::int64_t result =
        held_ + 2 * planes * (rows_of(0) * metas_.front().row_bytes() + rows * metas_.back().row_bytes());
    std::int64_t per_thread = ends_scratch_;
    for (std::size_t i = 0; i < kernels_.size(); ++i) {
      result +=
          HaloWindow::bytes(metas_[i], kernels_[i]->halo(), planes + planes_kept(kernels_, i), rows_of(i));
      per_thread += kernels_[i]->scratch_bytes({planes, std::min(kRowsPerTask, rows), metas_[i].shape.x});
    }
    return result + threads_ * per_thread;
  }

 private:
  const KernelList& kernels_;
  const Boundary& boundary_;
  std::vector<VolumeMeta> metas_;
  std::int64_t held_;
  std::int64_t ends_scratch_;
  int threads_;
};

/// The most rows of a band, a multiple of `multiple`, that fit with one plane at a time; at least `multiple`.
std::int64_t rows_that_fit(const SlabMemory& memory, std::int64_t multiple, std::int64_t all,
                           std::int64_t allowed) {
  std::int64_t fits = 1;
  std::int64_t too_many = (all + multiple - 1) / multiple;
  while (fits + 1 < too_many) {
    const std::int64_t middle = fits + (too_many - fits) / 2;
    (memory.bytes(1, std::min(middle * multiple, all)) <= allowed ? fits : too_many) = middle;
  }
  return std::min(fits * multiple, all);
}

}  // namespace

std::int64_t planes_kept(const KernelList& kernels, std::size_t step) {
  std::int64_t kept = 0;
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

SlabPlan plan_slabs(const SlabSource& source, const KernelList& kernels, const Boundary& boundary,
                    const SlabSink* sink, const Resources& resources) {
  const VolumeMeta& meta = source.meta();
  const SlabMemory memory(source, kernels, boundary, sink, resources.threads);
  SlabPlan plan;
  plan.halo = summed_halo(kernels);
  plan.rows = meta.shape.y;
  const std::int64_t least = std::max<std::int64_t>(1, 2 * plan.halo.z);
  plan.planes =
      std::clamp<std::int64_t>(kSlabBytes / meta.plane_bytes(), std::min(least, meta.shape.z), meta.shape.z);
  while (plan.planes > 1 && memory.bytes(plan.planes, plan.rows) > resources.memory) --plan.planes;
  const bool bands_allowed = source.seekable() && (sink == nullptr || sink->seekable());
  if (memory.bytes(plan.planes, plan.rows) > resources.memory && bands_allowed) {
    const std::int64_t multiple = sink == nullptr ? 1 : std::min(sink->chunk().y, meta.shape.y);
    plan.rows = rows_that_fit(memory, multiple, meta.shape.y, resources.memory);
  }
  plan.peak_memory = memory.bytes(plan.planes, plan.rows);
  if (plan.peak_memory <= resources.memory) return plan;
  fail_memory("needs " + format_bytes(plan.peak_memory) + ": planes of " + format_bytes(meta.plane_bytes()) +
              " with " + std::to_string(plan.halo.z) + " neighbours on either side" +
              (bands_allowed ? ", in bands of " + std::to_string(plan.rows) + " rows" : "") +
              ", --memory allows " + format_bytes(resources.memory) + "; use --memory " +
              memory_option(plan.peak_memory) + " or more" +
              (bands_allowed ? "" : ", or files that are not compressed instead of pipes"));
}

}  // namespace vox
