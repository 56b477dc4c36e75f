#include "engine/resample.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include "engine/on_threads.h"
#include "engine/parallel.h"
#include "engine/plane_ring.h"
#include "engine/resample_plan.h"
#include "engine/slab_io.h"
#include "engine/spline_planes.h"
#include "engine/spooled_result.h"

namespace vox {
namespace {

constexpr std::int64_t kValuesPerTask = 16 << 10;
constexpr std::int64_t kRowsPerTask = 16;

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

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

/// One band of rows of some planes of the result.
class ResampleRun {
 public:
  ResampleRun(SlabSource& source, const Resample& resample, SlabSink& sink, const Resources& resources,
              const ResamplePlan& plan, const RowBand& band, const Interval& planes)
      : resample_(resample),
        dtype_(source.meta().dtype),
        band_(band),
        in_plane_bytes_(band.in.size() * source.meta().row_bytes()),
        values_(band.out.size() * resample.out().x),
        planes_out_(plan.planes_out),
        used_(planes_used(resample, planes)),
        read_(planes_read(resample, planes)),
        reader_(source, read_, band.in, plan.planes_in, {resources.progress, source.seekable() ? 0 : 1}),
        writer_(sink, band.out, plan.planes_out, {resources.progress, 0}),
        come_(read_.begin),
        next_(planes.begin),
        last_(planes.end) {
    if (resample.works_along_x() && resample.works_along_y())
      work_ = Buffer(plan.planes_in * resample.work_plane_bytes(band));
    if (resample.filters_z())
      spline_.emplace(dtype_, resample.in().z, values_, plan.planes_in, resample.along_z().longest());
    else
      ring_ = PlaneRing(resample_ring_planes(resample, plan.planes_in), resample.prepared_plane_bytes(band));
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
  const std::byte* input_plane(std::int64_t z) const { return data_ + (z - first_) * in_plane_bytes_; }
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
    parallel_for((come_ - first_) * pieces, [&](std::int64_t task) {
      const std::int64_t z = first_ + task / pieces;
      const std::int64_t begin = task % pieces * piece;
      if (used_[static_cast<std::size_t>(z)]) work(z, Interval{begin, std::min(begin + piece, all)});
    });
  }

  /// Along x, then along y.
  void prepare() {
    const bool along_y = resample_.works_along_y();
    const auto worked = [&](std::int64_t z) {
      return along_y ? work_.data() + (z - first_) * resample_.work_plane_bytes(band_) : prepared_plane(z);
    };
    if (resample_.works_along_x()) {
      for_pieces(band_.in.size(), kRowsPerTask, [&](std::int64_t z, const Interval& rows) {
        resample_.work_along_x(input_plane(z), rows, worked(z));
      });
    }
    if (!along_y) return;
    for_pieces(resample_.out().x, Resample::kColumnsAtOnce, [&](std::int64_t z, const Interval& columns) {
      if (resample_.works_along_x())
        resample_.work_along_y(worked(z), band_, columns, prepared_plane(z));
      else
        resample_.voxels_along_y(input_plane(z), band_, columns, prepared_plane(z));
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
    const Interval& rows = band_.out;
    const std::int64_t tasks = ceil_div(rows.size(), kRowsPerTask);
    std::byte* const result = writer_.next();
    parallel_for(count * tasks, [&](std::int64_t task) {
      const std::int64_t i = task / tasks;
      const std::int64_t y = rows.begin + task % tasks * kRowsPerTask;
      resample_.pick(planes_of(next_ + i, 0), band_, {y, std::min(y + kRowsPerTask, rows.end)},
                     result + (i * values_ + (y - rows.begin) * resample_.out().x) * size_of(dtype_));
    });
  }

  void combine(std::int64_t count) {
    const std::int64_t tasks = ceil_div(values_, kValuesPerTask);
    const std::int64_t value_bytes = resample_.prepared_plane_bytes(band_) / values_;
    std::byte* const result = writer_.next();
    parallel_for(count * tasks, [&](std::int64_t task) {
      const std::int64_t i = task / tasks;
      const std::int64_t begin = task % tasks * kValuesPerTask;
      resample_.combine(planes_of(next_ + i, begin * value_bytes), next_ + i,
                        std::min(kValuesPerTask, values_ - begin),
                        result + (i * values_ + begin) * size_of(dtype_));
    });
  }

  /// Copies planes of the input that the next plane of the result looks back at.
  void keep() {
    if (next_ == last_) return;
    for (std::int64_t z = std::max(first_, resample_.along_z().run(next_).begin); z < come_; ++z)
      if (used_[static_cast<std::size_t>(z)])
        std::memcpy(ring_.plane(z), input_plane(z), static_cast<std::size_t>(in_plane_bytes_));
  }

  const Resample& resample_;
  DType dtype_;
  RowBand band_;
  std::int64_t in_plane_bytes_;
  std::int64_t values_;  ///< of a plane of the result
  std::int64_t planes_out_;
  std::vector<bool> used_;
  Interval read_;  ///< planes of the input
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

void run_bands(SlabSource& source, const Resample& resample, SlabSink& sink, const Resources& resources,
               const ResamplePlan& plan, const Interval& planes) {
  const std::int64_t all = resample.out().y;
  on_threads(resources.threads, [&] {
    for (std::int64_t y = 0; y < all; y += plan.rows) {
      const RowBand band = resample.band({y, std::min(y + plan.rows, all)});
      ResampleRun(source, resample, sink, resources, plan, band, planes).run();
    }
  });
}

}  // namespace

bool resample_rereads(const SlabSource& source, const Resample& resample, const SlabSink* sink,
                      const Resources& resources) {
  return plan_resample_bands(source, resample, sink, resources).in_bands(resample);
}

PassPlan plan_resample(const SlabSource& source, const Resample& resample, const SlabSink* sink,
                       const Resources& resources, const Interval& planes) {
  const ResamplePlan resample_plan = plan_resample_bands(source, resample, sink, resources);
  const VolumeMeta& meta = source.meta();
  PassPlan plan;
  plan.what = "resample";
  plan.block = {resample_plan.planes_in, resample.band({0, resample_plan.rows}).in.size(), meta.shape.x};
  plan.halo = {resample.along_z().longest() - 1, 0, 0};
  plan.blocks_in_flight = 2;
  plan.peak_memory = resample_plan.peak_memory;
  plan.bytes_in = planes_read(resample, planes).size() * meta.plane_bytes();
  plan.bytes_out = planes.size() * resample.out().y * resample.out().x * size_of(meta.dtype);
  if (resample_plan.in_bands(resample) && sink != nullptr && !sink->seekable())
    plan.spool_bytes = voxels(resample.out()) * size_of(meta.dtype);
  return plan;
}

void run_resample(SlabSource& source, const Resample& resample, SlabSink& sink, const Resources& resources,
                  const Interval& planes) {
  const ResamplePlan plan = plan_resample_bands(source, resample, &sink, resources);
  if (!plan.in_bands(resample)) return run_bands(source, resample, sink, resources, plan, planes);
  read_through(source);
  if (sink.seekable()) return run_bands(source, resample, sink, resources, plan, planes);
  run_through_spool(sink, resources, planes,
                    [&](SlabSink& spool) { run_bands(source, resample, spool, resources, plan, planes); });
}

}  // namespace vox
