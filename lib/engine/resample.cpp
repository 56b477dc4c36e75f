#include "engine/resample.h"

#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include "core/error.h"
#include "core/numbers.h"
#include "engine/block_plan.h"
#include "engine/first_failure.h"
#include "engine/plane_ring.h"
#include "engine/slab_io.h"
#include "engine/spline_planes.h"

namespace vox {
namespace {

constexpr std::int64_t kSlabBytes = 4 << 20;
constexpr std::int64_t kValuesPerTask = 16 << 10;
constexpr std::int64_t kRowsPerTask = 16;
constexpr std::int64_t kColumnsPerTask = 256;

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

struct ResamplePlan {
  std::int64_t planes_in = 1;   ///< that are read at once
  std::int64_t planes_out = 1;  ///< that are written at once
  std::int64_t peak_memory = 0;
};

std::int64_t plane_values(const Resample& resample) { return resample.out().y * resample.out().x; }

/// Planes that are kept for later.
std::int64_t ring_planes(const Resample& resample, std::int64_t planes_in) {
  return resample.along_z().longest() + (resample.prepares() ? planes_in : 0);
}

std::int64_t window_bytes(const Resample& resample, DType dtype, std::int64_t planes_in) {
  const std::int64_t longest = resample.along_z().longest();
  const std::int64_t work =
      resample.works_along_x() && resample.works_along_y() ? planes_in * resample.work_plane_bytes() : 0;
  if (resample.filters_z())
    return work + SplinePlanes::bytes(dtype, plane_values(resample), planes_in, longest);
  return work + ring_planes(resample, planes_in) * resample.prepared_plane_bytes();
}

ResamplePlan make_plan(const SlabSource& source, const Resample& resample, const SlabSink* sink,
                       const Resources& resources) {
  const VolumeMeta& meta = source.meta();
  const std::int64_t out_plane = plane_values(resample) * size_of(meta.dtype);
  const std::int64_t per_thread = std::max(source.scratch_bytes(), resample.scratch_bytes()) +
                                  (sink == nullptr ? 0 : sink->scratch_bytes());
  const std::int64_t fixed = source.held_bytes() + (sink == nullptr ? 0 : sink->held_bytes()) +
                             resample.held_bytes() + resources.threads * per_thread;
  ResamplePlan plan;
  const std::int64_t largest = std::max(meta.plane_bytes(), resample.prepared_plane_bytes());
  plan.planes_in = std::clamp<std::int64_t>(kSlabBytes / largest, 1, meta.shape.z);
  plan.planes_out = std::clamp<std::int64_t>(kSlabBytes / out_plane, 1, resample.out().z);
  const auto bytes = [&] {
    return fixed + 2 * plan.planes_in * meta.plane_bytes() + 2 * plan.planes_out * out_plane +
           window_bytes(resample, meta.dtype, plan.planes_in);
  };
  while (bytes() > resources.memory && std::max(plan.planes_in, plan.planes_out) > 1) {
    std::int64_t& more = plan.planes_in * largest > plan.planes_out * out_plane && plan.planes_in > 1
                             ? plan.planes_in
                             : (plan.planes_out > 1 ? plan.planes_out : plan.planes_in);
    more = std::max<std::int64_t>(1, more / 2);
  }
  plan.peak_memory = bytes();
  if (plan.peak_memory <= resources.memory) return plan;
  fail_memory("needs " + format_bytes(plan.peak_memory) + ": planes of " + format_bytes(meta.plane_bytes()) +
              " become planes of " + format_bytes(out_plane) + ", and " +
              format_bytes(window_bytes(resample, meta.dtype, plan.planes_in)) +
              " are kept of those between, --memory allows " + format_bytes(resources.memory) +
              "; use --memory " + memory_option(plan.peak_memory) + " or more");
}

/// The planes of the input that are read for some planes of the result.
Interval planes_read(const Resample& resample, const Interval& planes) {
  if (planes.size() == 0) return {0, 0};
  Interval read = resample.along_z().run(planes.begin);
  for (std::int64_t z = planes.begin; z < planes.end; ++z) {
    const Interval run = resample.along_z().run(z);
    read = {std::min(read.begin, run.begin), std::max(read.end, run.end)};
  }
  // The recursion begins with the first plane, and comes back from beyond the last.
  if (resample.filters_z()) read = {0, SplinePlanes::needed(read.end, resample.in().z)};
  return read;
}

/// Which planes of the input some planes of the result look at.
std::vector<bool> planes_used(const Resample& resample, const Interval& planes) {
  std::vector<bool> used(static_cast<std::size_t>(resample.in().z), resample.filters_z());
  for (std::int64_t z = planes.begin; z < planes.end; ++z) {
    const Interval run = resample.along_z().run(z);
    std::fill(used.begin() + run.begin, used.begin() + run.end, true);
  }
  return used;
}

class ResampleRun {
 public:
  ResampleRun(SlabSource& source, const Resample& resample, SlabSink& sink, const Resources& resources,
              const ResamplePlan& plan, const Interval& planes)
      : resample_(resample),
        meta_(source.meta()),
        planes_out_(plan.planes_out),
        used_(planes_used(resample, planes)),
        read_(planes_read(resample, planes)),
        reader_(source, read_, {0, meta_.shape.y}, plan.planes_in,
                {resources.progress, failure_, source.seekable() ? 0 : 1}),
        writer_(sink, {0, resample.out().y}, plan.planes_out, {resources.progress, failure_, 0}),
        come_(read_.begin),
        next_(planes.begin),
        last_(planes.end) {
    if (resample.works_along_x() && resample.works_along_y())
      work_ = Buffer(plan.planes_in * resample.work_plane_bytes());
    if (resample.filters_z())
      spline_.emplace(meta_.dtype, meta_.shape.z, plane_values(resample), plan.planes_in,
                      resample.along_z().longest());
    else
      ring_ = PlaneRing(ring_planes(resample, plan.planes_in), resample.prepared_plane_bytes());
  }

  void run() {
    for (;;) {
      std::int64_t count = 0;
      data_ = reader_.next(count);
      if (count == 0) break;
      first_ = come_;
      come_ += count;
      if (resample_.prepares()) prepare();
      if (spline_) {
        spline_->take(come_);
        do produce(spline_->end());
        while (spline_->advance());
        produce(spline_->end());
      } else {
        produce(come_);
      }
      if (!resample_.prepares()) keep();
    }
    writer_.finish();
  }

 private:
  const std::byte* input_plane(std::int64_t z) const { return data_ + (z - first_) * meta_.plane_bytes(); }
  std::byte* prepared_plane(std::int64_t z) const { return spline_ ? spline_->coming(z) : ring_.plane(z); }

  /// Where the result looks for plane `z`.
  const std::byte* plane(std::int64_t z) const {
    if (spline_) return spline_->plane(z);
    return z >= first_ && !resample_.prepares() ? input_plane(z) : ring_.plane(z);
  }

  /// Calls `work(plane, first, count)` for pieces of the planes that have come.
  template <class PieceWork>
  void for_pieces(std::int64_t all, std::int64_t piece, PieceWork&& work) const {
    const std::int64_t pieces = ceil_div(all, piece);
    tbb::parallel_for(std::int64_t{0}, (come_ - first_) * pieces, [&](std::int64_t task) {
      const std::int64_t z = first_ + task / pieces;
      const std::int64_t begin = task % pieces * piece;
      if (used_[static_cast<std::size_t>(z)]) work(z, Interval{begin, std::min(begin + piece, all)});
    });
  }

  /// Along x, then along y.
  void prepare() {
    const bool along_y = resample_.works_along_y();
    const auto worked = [&](std::int64_t z) {
      return along_y ? work_.data() + (z - first_) * resample_.work_plane_bytes() : prepared_plane(z);
    };
    if (resample_.works_along_x()) {
      for_pieces(meta_.shape.y, kRowsPerTask, [&](std::int64_t z, const Interval& rows) {
        resample_.work_along_x(input_plane(z), rows, worked(z));
      });
    }
    if (!along_y) return;
    for_pieces(resample_.out().x, kColumnsPerTask, [&](std::int64_t z, const Interval& columns) {
      if (resample_.works_along_x())
        resample_.work_along_y(worked(z), columns, prepared_plane(z));
      else
        resample_.voxels_along_y(input_plane(z), columns, prepared_plane(z));
    });
  }

  /// Computes all planes that need none from `available` on.
  void produce(std::int64_t available) {
    for (;;) {
      std::int64_t count = 0;
      while (count < planes_out_ && next_ + count < last_ &&
             resample_.along_z().run(next_ + count).end <= available)
        ++count;
      if (count == 0) return;
      if (resample_.picks())
        pick(count);
      else
        combine(count);
      writer_.commit(next_, count);
      next_ += count;
    }
  }

  std::vector<const std::byte*> planes_of(std::int64_t z, std::int64_t offset) const {
    std::vector<const std::byte*> planes;
    const Interval run = resample_.along_z().run(z);
    for (std::int64_t k = run.begin; k < run.end; ++k) planes.push_back(plane(k) + offset);
    return planes;
  }

  void pick(std::int64_t count) {
    const Extent3 out = resample_.out();
    const std::int64_t tasks = ceil_div(out.y, kRowsPerTask);
    std::byte* const result = writer_.next();
    tbb::parallel_for(std::int64_t{0}, count * tasks, [&](std::int64_t task) {
      const std::int64_t i = task / tasks;
      const std::int64_t y = task % tasks * kRowsPerTask;
      resample_.pick(planes_of(next_ + i, 0), {y, std::min(y + kRowsPerTask, out.y)},
                     result + (i * out.y + y) * out.x * size_of(meta_.dtype));
    });
  }

  void combine(std::int64_t count) {
    const std::int64_t values = plane_values(resample_);
    const std::int64_t tasks = ceil_div(values, kValuesPerTask);
    const std::int64_t value_bytes = resample_.prepared_plane_bytes() / values;
    std::byte* const result = writer_.next();
    tbb::parallel_for(std::int64_t{0}, count * tasks, [&](std::int64_t task) {
      const std::int64_t i = task / tasks;
      const std::int64_t begin = task % tasks * kValuesPerTask;
      resample_.combine(planes_of(next_ + i, begin * value_bytes), next_ + i,
                        std::min(kValuesPerTask, values - begin),
                        result + (i * values + begin) * size_of(meta_.dtype));
    });
  }

  /// Copies planes of the input that the next plane of the result looks back at.
  void keep() {
    if (next_ == last_) return;
    for (std::int64_t z = std::max(first_, resample_.along_z().run(next_).begin); z < come_; ++z)
      if (used_[static_cast<std::size_t>(z)])
        std::memcpy(ring_.plane(z), input_plane(z), static_cast<std::size_t>(meta_.plane_bytes()));
  }

  const Resample& resample_;
  VolumeMeta meta_;
  std::int64_t planes_out_;
  std::vector<bool> used_;
  Interval read_;  ///< planes of the input
  FirstFailure failure_{[] {}};
  SlabReader reader_;
  SlabWriter writer_;
  Buffer work_;     ///< planes resampled along x alone
  PlaneRing ring_;  ///< prepared planes, or planes of the input from before
  std::optional<SplinePlanes> spline_;
  const std::byte* data_ = nullptr;  ///< planes of the input that have come last
  std::int64_t first_ = 0;
  std::int64_t come_;  ///< planes of the input below it have come
  std::int64_t next_;  ///< plane of the result
  std::int64_t last_;  ///< and the end of those wanted
};

}  // namespace

PassPlan plan_resample(const SlabSource& source, const Resample& resample, const SlabSink* sink,
                       const Resources& resources, const Interval& planes) {
  const ResamplePlan resample_plan = make_plan(source, resample, sink, resources);
  const VolumeMeta& meta = source.meta();
  PassPlan plan;
  plan.what = "resample";
  plan.block = {resample_plan.planes_in, meta.shape.y, meta.shape.x};
  plan.halo = {resample.along_z().longest() - 1, 0, 0};
  plan.blocks_in_flight = 2;
  plan.peak_memory = resample_plan.peak_memory;
  plan.bytes_in = planes_read(resample, planes).size() * meta.plane_bytes();
  plan.bytes_out = planes.size() * plane_values(resample) * size_of(meta.dtype);
  return plan;
}

void run_resample(SlabSource& source, const Resample& resample, SlabSink& sink, const Resources& resources,
                  const Interval& planes) {
  const ResamplePlan plan = make_plan(source, resample, &sink, resources);
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                  static_cast<std::size_t>(resources.threads));
  tbb::task_arena arena(resources.threads);
  arena.execute([&] { ResampleRun(source, resample, sink, resources, plan, planes).run(); });
}

}  // namespace vox
