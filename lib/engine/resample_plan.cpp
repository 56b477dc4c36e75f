#include "engine/resample_plan.h"

#include <algorithm>

#include "core/error.h"
#include "core/numbers.h"
#include "engine/block_plan.h"
#include "engine/spline_planes.h"

namespace vox {
namespace {

constexpr std::int64_t kSlabBytes = 4 << 20;

/// What a run holds for bands of some rows.
class ResampleMemory {
 public:
  ResampleMemory(const SlabSource& source, const Resample& resample, const SlabSink* sink, int threads)
      : resample_(resample), dtype_(source.meta().dtype) {
    const std::int64_t ends = source.scratch_bytes() + (sink == nullptr ? 0 : sink->scratch_bytes());
    fixed_ = source.held_bytes() + (sink == nullptr ? 0 : sink->held_bytes()) + resample.held_bytes() +
             threads * (ends + resample.scratch_bytes());
  }

  std::int64_t in_plane(const RowBand& band) const {
    return band.in.size() * resample_.in().x * size_of(dtype_);
  }
  std::int64_t out_plane(const RowBand& band) const {
    return band.out.size() * resample_.out().x * size_of(dtype_);
  }

  /// Of the planes between those that come and those that go.
  std::int64_t window(const RowBand& band, std::int64_t planes_in) const {
    const std::int64_t longest = resample_.along_z().longest();
    const bool works = resample_.works_along_x() && resample_.works_along_y();
    const std::int64_t work = works ? planes_in * resample_.work_plane_bytes(band) : 0;
    if (resample_.filters_z())
      return work + SplinePlanes::bytes(dtype_, band.out.size() * resample_.out().x, planes_in, longest);
    return work + resample_ring_planes(resample_, planes_in) * resample_.prepared_plane_bytes(band);
  }

  std::int64_t bytes(const RowBand& band, const ResamplePlan& plan) const {
    return fixed_ + 2 * plan.planes_in * in_plane(band) + 2 * plan.planes_out * out_plane(band) +
           window(band, plan.planes_in);
  }

  /// For the band that needs most of all of so many rows.
  std::int64_t bytes(std::int64_t rows, const ResamplePlan& plan) const {
    std::int64_t most = 0;
    for (std::int64_t y = 0; y < resample_.out().y; y += rows)
      most = std::max(most, bytes(resample_.band({y, std::min(y + rows, resample_.out().y)}), plan));
    return most;
  }

 private:
  const Resample& resample_;
  DType dtype_;
  std::int64_t fixed_ = 0;
};

/// Fewer planes at once until they fit, of the end that takes more.
void thin_slabs(const ResampleMemory& memory, const RowBand& whole, std::int64_t allowed,
                ResamplePlan& plan) {
  const std::int64_t in = std::max(memory.in_plane(whole), memory.window(whole, 2) - memory.window(whole, 1));
  while (memory.bytes(whole, plan) > allowed && std::max(plan.planes_in, plan.planes_out) > 1) {
    const bool more_in = plan.planes_in * in > plan.planes_out * memory.out_plane(whole);
    std::int64_t& more =
        (more_in && plan.planes_in > 1) || plan.planes_out == 1 ? plan.planes_in : plan.planes_out;
    more = std::max<std::int64_t>(1, more / 2);
  }
}

/// The most rows, a multiple of `multiple`, that fit; at least `multiple`.
std::int64_t rows_that_fit(const ResampleMemory& memory, const ResamplePlan& plan, std::int64_t multiple,
                           std::int64_t all, std::int64_t allowed) {
  std::int64_t fits = 1;
  std::int64_t too_many = (all + multiple - 1) / multiple;
  while (fits + 1 < too_many) {
    const std::int64_t middle = fits + (too_many - fits) / 2;
    (memory.bytes(std::min(middle * multiple, all), plan) <= allowed ? fits : too_many) = middle;
  }
  return std::min(fits * multiple, all);
}

}  // namespace

std::int64_t resample_ring_planes(const Resample& resample, std::int64_t planes_in) {
  return resample.along_z().longest() + (resample.prepares() ? planes_in : 0);
}

ResamplePlan plan_resample_bands(const SlabSource& source, const Resample& resample, const SlabSink* sink,
                                 const Resources& resources) {
  const VolumeMeta& meta = source.meta();
  const ResampleMemory memory(source, resample, sink, resources.threads);
  const RowBand whole = resample.band({0, resample.out().y});
  ResamplePlan plan;
  const std::int64_t largest = std::max(meta.plane_bytes(), resample.prepared_plane_bytes(whole));
  plan.planes_in = std::clamp<std::int64_t>(kSlabBytes / largest, 1, meta.shape.z);
  plan.planes_out = std::clamp<std::int64_t>(kSlabBytes / memory.out_plane(whole), 1, resample.out().z);
  plan.rows = resample.out().y;
  thin_slabs(memory, whole, resources.memory, plan);
  plan.peak_memory = memory.bytes(plan.rows, plan);
  if (plan.peak_memory <= resources.memory) return plan;
  // A result that is spooled takes any rows.
  const std::int64_t chunk = sink == nullptr || !sink->seekable() ? 1 : sink->chunk().y;
  const std::int64_t multiple = std::min(chunk, resample.out().y);
  plan.rows = rows_that_fit(memory, plan, multiple, resample.out().y, resources.memory);
  plan.peak_memory = memory.bytes(plan.rows, plan);
  if (plan.peak_memory <= resources.memory) return plan;
  fail_memory("needs " + format_bytes(plan.peak_memory) + " for " + format_count(plan.rows) +
              " rows at a time: planes of " + format_bytes(meta.plane_bytes()) + " become planes of " +
              format_bytes(memory.out_plane(whole)) +
              memory_remedy(plan.peak_memory, resources.memory, resources.taken));
}

}  // namespace vox
