#include "engine/pyramid.h"

#include <algorithm>
#include <cstring>

#include "core/error.h"
#include "core/numbers.h"
#include "engine/block_plan.h"
#include "engine/on_threads.h"
#include "engine/parallel.h"
#include "engine/pyramid_rows.h"
#include "engine/slab_io.h"

namespace vox {
namespace {

constexpr std::int64_t kSlabBytes = 8 << 20;
constexpr std::int64_t kRowsPerTask = 32;

/// Planes that a level keeps of what came before, at most.
std::int64_t planes_kept(const Shrink& shrink) {
  return shrink.planes(0).end - std::min<std::int64_t>(0, shrink.planes(0).begin);
}

/// From one level to the next, of which the planes `made` are wanted.
class Step {
 public:
  Step(const Shrink& shrink, const Extent3& in, const Extent3& out, DType dtype, std::int64_t planes,
       const Interval& made)
      : shrink_(shrink),
        in_(in),
        out_(out),
        made_(made),
        plane_bytes_(in.y * in.x * size_of(dtype)),
        out_row_bytes_(out.x * size_of(dtype)),
        kept_(planes_kept(shrink) * plane_bytes_),
        result_(most_out(shrink, planes) * out.y * out_row_bytes_),
        next_(made.begin) {}

  static std::int64_t most_out(const Shrink& shrink, std::int64_t planes) {
    return planes / shrink.factor().z + 2;
  }
  static std::int64_t bytes(const Shrink& shrink, const Extent3& in, const Extent3& out, DType dtype,
                            std::int64_t planes) {
    return (planes_kept(shrink) * in.y * in.x + most_out(shrink, planes) * out.y * out.x) * size_of(dtype);
  }

  /// Computes what planes [first, first + count) at `data` make possible: the next planes of the level, from
  /// `next` on; says how many.
  std::int64_t advance(std::int64_t first, std::int64_t count, const std::byte* data) {
    first_ = first;
    data_ = data;
    const std::int64_t begin = next_;
    std::int64_t ready = 0;
    while (begin + ready < made_.end && std::min(shrink_.planes(begin + ready).end, in_.z) <= first + count)
      ++ready;
    const std::int64_t tasks = (out_.y + kRowsPerTask - 1) / kRowsPerTask;
    parallel_for(ready * tasks,
                 [&](std::int64_t task) { compute(begin, task / tasks, task % tasks * kRowsPerTask); });
    next_ += ready;
    keep(first + count);
    return ready;
  }

  std::int64_t next() const { return next_; }
  const std::byte* result() const { return result_.data(); }

 private:
  const std::byte* plane(std::int64_t z) const {
    return z >= first_ ? data_ + (z - first_) * plane_bytes_ : kept_.data() + (z - kept_from_) * plane_bytes_;
  }

  void compute(std::int64_t begin, std::int64_t i, std::int64_t row) const {
    const Interval wanted = shrink_.planes(begin + i);
    std::vector<const std::byte*> planes;
    for (std::int64_t z = wanted.begin; z < wanted.end; ++z) {
      const bool inside = z >= 0 && z < in_.z;
      if (inside || shrink_.repeats_ends())
        planes.push_back(plane(std::clamp<std::int64_t>(z, 0, in_.z - 1)));
    }
    shrink_.apply(planes, in_, {row, std::min(row + kRowsPerTask, out_.y)},
                  result_.data() + (i * out_.y + row) * out_row_bytes_);
  }

  /// Copies what later planes look back at.
  void keep(std::int64_t end) {
    if (next_ == made_.end) return;
    const std::int64_t from = std::clamp<std::int64_t>(shrink_.planes(next_).begin, 0, end);
    for (std::int64_t z = from; z < end; ++z)
      std::memmove(kept_.data() + (z - from) * plane_bytes_, plane(z),
                   static_cast<std::size_t>(plane_bytes_));
    kept_from_ = from;
  }

  Shrink shrink_;
  Extent3 in_, out_;
  Interval made_;
  std::int64_t plane_bytes_;
  std::int64_t out_row_bytes_;
  Buffer kept_;
  Buffer result_;
  std::int64_t kept_from_ = 0;
  std::int64_t next_;       ///< plane of the level
  std::int64_t first_ = 0;  ///< plane at `data_`
  const std::byte* data_ = nullptr;
};

std::vector<Extent3> shapes_of(const VolumeMeta& meta, const PyramidSpec& spec) {
  return pyramid_shapes(meta.shape, pyramid_shrinks(spec.method, meta.dtype, spec.steps));
}

PyramidShare share_of(const VolumeMeta& meta, const PyramidSpec& spec) {
  return spec.share.empty() ? whole_pyramid(shapes_of(meta, spec)) : spec.share;
}

struct PyramidMemory {
  std::int64_t planes = 1;  ///< of level 0 that are read at once
  std::int64_t bytes = 0;
};

std::int64_t bytes_with(const SlabSource& source, const PyramidSpec& spec, std::int64_t planes, int threads) {
  const VolumeMeta& meta = source.meta();
  const std::vector<Extent3> shapes = shapes_of(meta, spec);
  std::int64_t bytes = 2 * planes * meta.plane_bytes();
  std::int64_t per_thread = source.scratch_bytes();
  if (spec.planes_in_turn) planes = 1;
  for (std::size_t i = 0; i < spec.steps.size(); ++i) {
    const Shrink shrink(spec.method, meta.dtype, spec.steps[i]);
    bytes += Step::bytes(shrink, shapes[i], shapes[i + 1], meta.dtype, planes);
    per_thread = std::max(per_thread, source.scratch_bytes() + shrink.scratch_bytes(shapes[i]));
    planes = Step::most_out(shrink, planes);
  }
  return bytes + threads * per_thread + source.held_bytes();
}

PyramidMemory plan_memory(const SlabSource& source, const PyramidSpec& spec, std::int64_t held,
                          const Resources& resources) {
  const VolumeMeta& meta = source.meta();
  PyramidMemory plan;
  plan.planes = std::clamp<std::int64_t>(kSlabBytes / meta.plane_bytes(), 1, meta.shape.z);
  if (!spec.steps.empty() && plan.planes > spec.steps.front().z)
    plan.planes -= plan.planes % spec.steps.front().z;
  const auto bytes = [&] { return held + bytes_with(source, spec, plan.planes, resources.threads); };
  while (plan.planes > 1 && bytes() > resources.memory) plan.planes /= 2;
  plan.bytes = bytes();
  if (plan.bytes <= resources.memory) return plan;
  fail_memory("needs " + format_bytes(plan.bytes) + ": chunks under way in all levels (" +
              format_bytes(held) + ") and planes of " + format_bytes(meta.plane_bytes()) +
              memory_remedy(plan.bytes, resources.memory, resources.taken));
}

bool planes_fit(const SlabSource& source, const PyramidSpec& spec, std::int64_t held,
                const Resources& resources) {
  return held + bytes_with(source, spec, 1, resources.threads) <= resources.memory;
}

class Cascade {
 public:
  Cascade(const SlabSource& source, const PyramidSpec& spec, LevelSink& store, std::int64_t planes,
          Progress* progress)
      : shapes_(shapes_of(source.meta(), spec)),
        share_(share_of(source.meta(), spec)),
        element_(size_of(source.meta().dtype)),
        store_(store),
        progress_(progress),
        in_turn_(spec.planes_in_turn) {
    if (in_turn_) planes = 1;
    for (std::size_t i = 0; i < spec.steps.size(); ++i) {
      const Shrink shrink(spec.method, source.meta().dtype, spec.steps[i]);
      steps_.push_back(std::make_unique<Step>(shrink, shapes_[i], shapes_[i + 1], source.meta().dtype, planes,
                                              share_[i + 1].made));
      planes = Step::most_out(shrink, planes);
    }
  }

  /// Takes the next planes of the volume.
  void feed(std::int64_t first, std::int64_t count, const std::byte* data) {
    const std::int64_t at_once = in_turn_ ? 1 : count;
    const std::int64_t plane_bytes = shapes_[0].y * shapes_[0].x * element_;
    for (std::int64_t i = 0; i < count; i += at_once) feed(0, first + i, at_once, data + i * plane_bytes);
  }

 private:
  /// Takes the next planes of a level.
  void feed(std::size_t level, std::int64_t first, std::int64_t count, const std::byte* data) {
    if (count == 0) return;
    const auto put = [&] { this->put(level, {first, first + count}, data); };
    if (level == steps_.size()) return put();
    Step& step = *steps_[level];
    const std::int64_t next = step.next();
    std::int64_t made = 0;
    parallel_invoke(put, [&] { made = step.advance(first, count, data); });
    feed(level + 1, next, made, step.result());
  }

  /// Those of `planes` at `data` that the share puts.
  void put(std::size_t level, const Interval& planes, const std::byte* data) {
    const Interval& wanted = share_[level].put;
    const Interval there{std::max(planes.begin, wanted.begin), std::min(planes.end, wanted.end)};
    if (there.size() <= 0) return;
    const Extent3& shape = shapes_[level];
    const std::int64_t plane_bytes = shape.y * shape.x * element_;
    const std::int64_t bytes = there.size() * plane_bytes;
    store_.put(level, {{there.begin, 0, 0}, {there.end, shape.y, shape.x}},
               {data + (there.begin - planes.begin) * plane_bytes, static_cast<std::size_t>(bytes)});
    if (progress_ != nullptr) progress_->bytes_out += bytes;
  }

  std::vector<Extent3> shapes_;
  PyramidShare share_;
  std::int64_t element_;
  LevelSink& store_;
  Progress* progress_;
  bool in_turn_;
  std::vector<std::unique_ptr<Step>> steps_;
};

}  // namespace

bool pyramid_rereads(const SlabSource& source, const PyramidSpec& spec, std::int64_t held,
                     const Resources& resources) {
  return !spec.planes_in_turn && !planes_fit(source, spec, held, resources);
}

MultiscalePlan pyramid_levels(const VolumeMeta& meta, const PyramidSpec& spec) {
  MultiscalePlan plan;
  plan.meta = meta;
  plan.version = spec.version;
  plan.layout = spec.layout;
  plan.labels_of = spec.labels_of;
  if (!spec.labels_of.empty()) plan.meta.kind = Kind::labels;
  if (!spec.steps.empty()) plan.method = shrink_method_name(spec.method);
  Extent3 factor{1, 1, 1};
  const std::vector<Extent3> shapes = shapes_of(meta, spec);
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    if (i > 0)
      factor = {factor.z * spec.steps[i - 1].z, factor.y * spec.steps[i - 1].y,
                factor.x * spec.steps[i - 1].x};
    plan.levels.push_back({shapes[i], factor});
  }
  return plan;
}

PassPlan plan_pyramid(const SlabSource& source, const PyramidSpec& spec, std::int64_t held,
                      const Resources& resources) {
  const VolumeMeta& meta = source.meta();
  PassPlan plan;
  plan.what = "pyramid";
  if (!planes_fit(source, spec, held, resources)) {
    const PyramidRows rows = plan_pyramid_rows(source, spec, held, resources);
    plan.block = {1, std::min(rows.rows, meta.shape.y), meta.shape.x};
    plan.peak_memory = rows.bytes;
    plan.spool_bytes = rows.spool_bytes;
  } else {
    const PyramidMemory memory = plan_memory(source, spec, held, resources);
    plan.block = {memory.planes, meta.shape.y, meta.shape.x};
    plan.blocks_in_flight = 2;
    plan.peak_memory = memory.bytes;
  }
  const std::vector<Extent3> shapes = shapes_of(meta, spec);
  const PyramidShare share = share_of(meta, spec);
  plan.bytes_in = share.front().made.size() * meta.plane_bytes();
  for (std::size_t i = 0; i < share.size(); ++i)
    plan.bytes_out += share[i].put.size() * shapes[i].y * shapes[i].x * size_of(meta.dtype);
  return plan;
}

void run_pyramid(SlabSource& source, const PyramidSpec& spec, LevelSink& store, std::int64_t held,
                 const Resources& resources) {
  if (!planes_fit(source, spec, held, resources)) {
    if (!spec.planes_in_turn) read_through(source);
    return run_pyramid_rows(source, spec, share_of(source.meta(), spec), store,
                            plan_pyramid_rows(source, spec, held, resources), resources);
  }
  const Interval wanted = share_of(source.meta(), spec).front().made;
  const PyramidMemory memory = plan_memory(source, spec, held, resources);
  on_threads(resources.threads, [&] {
    const Extent3& shape = source.meta().shape;
    // A pipe is waited for by a thread of its own, so that nobody who shrinks stands behind it.
    SlabReader reader(source, wanted, {0, shape.y}, memory.planes,
                      {resources.progress, source.seekable() ? 0 : 1});
    Cascade cascade(source, spec, store, memory.planes, resources.progress);
    std::int64_t first = wanted.begin;
    for (;;) {
      std::int64_t count = 0;
      const std::byte* planes = reader.next(count);
      if (count == 0) break;
      cascade.feed(first, count, planes);
      first += count;
    }
  });
}

}  // namespace vox
