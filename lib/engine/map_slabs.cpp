#include "engine/map_slabs.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "core/cancel.h"
#include "engine/first_failure.h"
#include "engine/halo_window.h"
#include "engine/meta_chain.h"
#include "engine/on_threads.h"
#include "engine/parallel.h"
#include "engine/slab_io.h"
#include "engine/slab_plan.h"
#include "engine/window_reader.h"

namespace vox {
namespace {

/// One band of rows of some planes, from the first to the last.
class BandMap {
 public:
  BandMap(SlabSource& source, const KernelList& kernels, const Boundary& boundary, SlabSink& sink,
          const Resources& resources, const SlabPlan& plan, const Interval& planes, const Interval& rows)
      : kernels_(kernels),
        metas_(metas_along(source.meta(), kernels)),
        rows_(rows),
        planes_(plan.planes),
        tile_(plan.tile),
        workers_(plan.workers),
        threads_(resources.threads),
        writer_(sink, rows, plan.tile.z > 0 ? plan.tile.z : plan.planes, slab_work(resources)) {
    for (std::size_t i = 0; i < kernels.size(); ++i) {
      const Interval computed = planes_needed(metas_.front(), kernels, boundary, i + 1, planes);
      const std::int64_t halo = kernels[i]->halo().z;
      windows_.emplace_back(metas_[i], kernels[i]->halo(), boundary,
                            window_planes(kernels, i, tile_, planes_),
                            Interval{computed.begin - halo, computed.end + halo},
                            rows_needed(metas_.front(), kernels, boundary, i, rows));
      const std::int64_t rows_out = rows_needed(metas_.front(), kernels, boundary, i + 1, rows).size();
      tasks_.emplace_back(*kernels[i], rows_out, metas_[i].shape.x, threads_);
      carried_.emplace_back(plan.carries ? tasks_.back().carried_bytes() : 0);
      first_.push_back(computed.begin);
      next_.push_back(computed.begin);
      last_.push_back(computed.end);
    }
    reader_.emplace(source, planes_needed(source.meta(), kernels, boundary, 0, planes), planes_,
                    windows_.front(), slab_work(resources));
  }

  Tally run() {
    while (reader_->next()) advance(0);
    writer_.finish();
    return tally_;
  }

 private:
  /// While tiles wait for something, reading and writing must not stand behind them.
  SlabWork slab_work(const Resources& resources) {
    return {resources.progress, tile_.z > 0 ? resources.threads : 0, &failure_};
  }

  /// Computes all that the window of kernel `i` allows, and passes it on.
  void advance(std::size_t i) {
    const std::int64_t halo = kernels_[i]->halo().z;
    for (;;) {
      if (windows_[i].begin() + halo > next_[i]) return;  // the planes before the first are not there yet
      const std::int64_t count = planes_to_compute(i, windows_[i].end() - halo - next_[i]);
      if (count <= 0) return;
      if (i + 1 == kernels_.size())
        compute_output(i, count);
      else
        compute_between(i, count);
      next_[i] += count;
      if (i + 1 < kernels_.size()) advance(i + 1);
      const std::int64_t before = carries(*kernels_[i]) ? 1 : 0;
      windows_[i].forget_below(std::min(next_[i] - halo - before, next_look_back(i)));
    }
  }

  bool tiled(std::size_t i) const { return tile_.z > 0 && i + 1 == kernels_.size(); }

  /// How many of the `possible` planes kernel `i` computes now; with tiles a whole layer of them or none.
  std::int64_t planes_to_compute(std::size_t i, std::int64_t possible) const {
    const std::int64_t left = last_[i] - next_[i];
    if (!tiled(i)) return std::min({possible, left, planes_});
    const std::int64_t layer = std::min(tile_.z, left);
    return possible >= layer ? layer : 0;
  }

  /// The first plane of window `i` that a later kernel still looks back at.
  std::int64_t next_look_back(std::size_t i) const {
    std::int64_t first = next_[i];
    for (std::size_t k = i + 1; k < kernels_.size(); ++k)
      if (k - static_cast<std::size_t>(kernels_[k]->looks_back()) == i) first = std::min(first, next_[k]);
    return first;
  }

  void compute_output(std::size_t i, std::int64_t count) {
    const Box3 box{{next_[i], rows_.begin, 0}, {next_[i] + count, rows_.end, metas_[i + 1].shape.x}};
    compute(i, dense_block(writer_.next(), metas_[i + 1].dtype, box));
    writer_.commit(next_[i], count);
  }

  void compute_between(std::size_t i, std::int64_t count) {
    HaloWindow& window = windows_[i + 1];
    const Block target = window.next(count);
    compute(i, target);
    parallel_for(count, [&](std::int64_t k) { window.fill_margins(target.row(k, 0)); });
    window.commit(count);
  }

  void compute(std::size_t i, const Block& out) {
    if (tiled(i)) return compute_tiles(out);
    const SlabTasks& tasks = tasks_[i];
    const std::int64_t slab = out.shape().z;
    const bool carried = carried_[i].size() > 0;
    const std::int64_t planes = carried ? slab : tasks.planes(slab, kernels_[i]->planes_at_once(), threads_);
    parallel_for((slab + planes - 1) / planes * tasks.count(), [&](std::int64_t number) {
      const std::int64_t task = number % tasks.count();
      Box3 box = out.box;
      box.begin.z += number / tasks.count() * planes;
      box.end.z = std::min(out.box.end.z, box.begin.z + planes);
      box.begin.y += task * tasks.rows();
      box.end.y = std::min(out.box.end.y, box.begin.y + tasks.rows());
      apply(i, out.part(box), carried ? carried_[i].data() + tasks.carried_offset(task) : nullptr);
    });
  }

  void apply(std::size_t i, const Block& part, std::byte* carried) {
    Tally tally;
    const int back = kernels_[i]->looks_back();
    if (carried != nullptr) {
      kernels_[i]->apply_on(windows_[i].block(part.box), part, tally, carried, part.box.begin.z == first_[i]);
    } else if (back == 0) {
      kernels_[i]->apply(windows_[i].block(part.box), part, tally);
    } else {
      const HaloWindow& earlier = windows_[i - static_cast<std::size_t>(back)];
      kernels_[i]->apply_beside(windows_[i].block(part.box), earlier.block(part.box), part, tally);
    }
    const std::lock_guard lock(tally_mutex_);
    tally_ += tally;
  }

  /// One layer of tiles, `workers_` of them at once: by threads of their own, since a tile may spend its time
  /// waiting for something else than a processor.
  void compute_tiles(const Block& out) {
    std::atomic<std::int64_t> next{0};
    const auto noting_failure = [&](auto&& work) {
      try {
        work();
      } catch (...) {
        failure_.note();
      }
    };
    const auto work = [&] {
      noting_failure([&] {
        while (compute_tile(out, next++)) check_cancelled();
      });
    };
    {
      std::vector<std::jthread> others;
      noting_failure([&] {
        for (std::int64_t i = 1; i < std::min<std::int64_t>(workers_, tiles_in(out)); ++i)
          others.emplace_back(work);
      });
      work();
    }
    failure_.throw_if_any();
  }

  std::int64_t tiles_in(const Block& out) const {
    const Extent3 shape = out.shape();
    return ((shape.y + tile_.y - 1) / tile_.y) * ((shape.x + tile_.x - 1) / tile_.x);
  }

  /// False when there is no tile of that number, or no more sense in it.
  bool compute_tile(const Block& out, std::int64_t number) {
    const Extent3 shape = out.shape();
    const std::int64_t across = (shape.x + tile_.x - 1) / tile_.x;
    const std::int64_t y = out.box.begin.y + number / across * tile_.y;
    const std::int64_t x = number % across * tile_.x;
    if (y >= out.box.end.y || failure_.happened()) return false;
    apply(kernels_.size() - 1,
          out.part({{out.box.begin.z, y, x},
                    {out.box.end.z, std::min(y + tile_.y, out.box.end.y), std::min(x + tile_.x, shape.x)}}),
          nullptr);
    return true;
  }

  const KernelList& kernels_;
  std::vector<VolumeMeta> metas_;
  Interval rows_;  ///< of the output
  std::int64_t planes_;
  Extent3 tile_;
  int workers_;
  int threads_;
  FirstFailure failure_{[this] {
    for (const Kernel* kernel : kernels_) kernel->abandon();
  }};
  SlabWriter writer_;
  std::vector<HaloWindow> windows_;
  std::vector<SlabTasks> tasks_;        ///< per kernel
  std::vector<Buffer> carried_;         ///< per kernel: of all tasks
  std::vector<std::int64_t> first_;     ///< per kernel: the first plane to compute
  std::vector<std::int64_t> next_;      ///< per kernel: the next plane to compute
  std::vector<std::int64_t> last_;      ///< per kernel: the end of the planes to compute
  std::optional<WindowReader> reader_;  ///< into the first window
  std::mutex tally_mutex_;
  Tally tally_;
};

}  // namespace

PassPlan plan_map_slabs(const SlabSource& source, const KernelList& kernels, const Boundary& boundary,
                        const VolumeMeta& output, const SlabSink* sink, const Resources& resources,
                        const Interval& planes) {
  const SlabPlan slabs = plan_slabs(source, kernels, boundary, sink, resources);
  PassPlan plan;
  plan.what = "map";
  plan.block = {slabs.planes, slabs.rows, source.meta().shape.x};
  plan.halo = slabs.halo;
  plan.tile = slabs.tile;
  plan.tiles_in_flight = slabs.tile.z > 0 ? slabs.workers : 0;
  plan.blocks_in_flight = 2;
  plan.peak_memory = slabs.peak_memory;
  const VolumeMeta& input = source.meta();
  const Interval read = planes_needed(input, kernels, boundary, 0, planes);
  plan.bytes_in = std::min(read.size(), input.shape.z) * input.plane_bytes();
  plan.bytes_out = planes.size() * output.plane_bytes();
  return plan;
}

Tally run_map_slabs(SlabSource& source, const KernelList& kernels, const Boundary& boundary, SlabSink& sink,
                    const Resources& resources, const Interval& planes) {
  const SlabPlan plan = plan_slabs(source, kernels, boundary, &sink, resources);
  if (boundary.mode == BoundaryMode::wrap && plan.halo.z > 0) read_through(source);
  Tally tally;
  const std::int64_t ny = source.meta().shape.y;
  on_threads(resources.threads, [&] {
    for (std::int64_t y = 0; y < ny; y += plan.rows) {
      const Interval rows{y, std::min(y + plan.rows, ny)};
      tally += BandMap(source, kernels, boundary, sink, resources, plan, planes, rows).run();
    }
  });
  return tally;
}

}  // namespace vox
