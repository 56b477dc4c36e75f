#include "engine/pyramid_rows.h"

#include <algorithm>

#include "core/cancel.h"
#include "core/error.h"
#include "core/numbers.h"
#include "engine/block_plan.h"
#include "engine/buffer.h"
#include "engine/on_threads.h"
#include "engine/parallel.h"
#include "engine/spool_store.h"

namespace vox {
namespace {

constexpr std::int64_t kBytesAtOnce = 16 << 20;
constexpr std::int64_t kRowsPerTask = 8;

/// Rows of the level before that rows of a level look at; they begin at a multiple of the factor.
Interval rows_before(const Shrink& shrink, const Interval& rows, const Extent3& in) {
  const std::int64_t beyond = shrink.reaches_beyond() ? 1 : 0;
  return {std::max<std::int64_t>(0, rows.begin - beyond) * shrink.factor().y,
          std::min(in.y, (rows.end + beyond) * shrink.factor().y)};
}

/// Of the voxels read and made at once.
std::int64_t bytes_of_rows(const PyramidSpec& spec, const std::vector<Extent3>& shapes, DType dtype,
                           std::int64_t rows) {
  std::int64_t most = std::min(rows, shapes[0].y) * shapes[0].x;
  for (std::size_t i = 0; i < spec.steps.size(); ++i) {
    const Shrink shrink(spec.method, dtype, spec.steps[i]);
    const std::int64_t before = std::min(shapes[i].y, (rows + 2) * shrink.factor().y);
    most = std::max(most, shrink.planes(0).size() * before * shapes[i].x + rows * shapes[i + 1].x);
  }
  return most * size_of(dtype);
}

/// True for a level that is read again and is not in a source that can be.
bool is_spooled(const PyramidSpec& spec, std::size_t level) {
  return level < spec.steps.size() && (level > 0 || spec.planes_in_turn);
}

/// In `tmpdir`, at once.
std::int64_t spooled_voxels(const PyramidSpec& spec, const std::vector<Extent3>& shapes) {
  std::int64_t most = 0;
  std::int64_t before = 0;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    if (!is_spooled(spec, i)) continue;
    const std::int64_t planes = spec.share.empty() ? shapes[i].z : spec.share[i].made.size();
    const std::int64_t level = shapes[i].y * shapes[i].x * (spec.planes_in_turn ? 1 : planes);
    most = std::max(most, before + level);
    before = spec.planes_in_turn ? before + level : level;
  }
  return most;
}

class RowsRun {
 public:
  RowsRun(SlabSource& source, const PyramidSpec& spec, const PyramidShare& share, LevelSink& store,
          const PyramidRows& plan, const Resources& resources)
      : source_(source),
        spec_(spec),
        shrinks_(pyramid_shrinks(spec.method, source.meta().dtype, spec.steps)),
        share_(share),
        store_(store),
        plan_(plan),
        resources_(resources),
        dtype_(source.meta().dtype),
        shapes_(pyramid_shapes(source.meta().shape, shrinks_)),
        voxels_(bytes_of_rows(spec, shapes_, dtype_, plan.rows)),
        kept_(shapes_.size()) {}

  void run() {
    if (!spec_.planes_in_turn) {
      for (std::size_t level = 0; level < shapes_.size(); ++level) {
        // Of the source only what goes into the store; the next level reads there for itself.
        make_planes(level, level == 0 ? share_[level].put : share_[level].made);
        if (level > 0) kept_[level - 1].store.reset();
      }
      return;
    }
    for (std::int64_t z = 0; z < shapes_[0].z; ++z)
      for (std::size_t level = 0; level < shapes_.size(); ++level) make_planes(level, {z, z + 1});
  }

 private:
  /// Planes of a level that is read again.
  struct Kept {
    std::unique_ptr<SpoolStore> store;  ///< null: not kept, or in the source
    std::int64_t first = 0;
  };

  std::int64_t row_bytes(std::size_t level) const { return shapes_[level].x * size_of(dtype_); }

  void make_planes(std::size_t level, const Interval& planes) {
    Kept& kept = kept_[level];
    if (kept.store == nullptr && is_spooled(spec_, level))
      kept.store = std::make_unique<SpoolStore>(planes.size() * shapes_[level].y * row_bytes(level), false,
                                                resources_.tmpdir);
    kept.first = planes.begin;
    for (std::int64_t z = planes.begin; z < planes.end; ++z)
      for (std::int64_t y = 0; y < shapes_[level].y; y += plan_.rows)
        make(level, z, {y, std::min(y + plan_.rows, shapes_[level].y)});
  }

  void make(std::size_t level, std::int64_t z, const Interval& rows) {
    check_cancelled();
    const std::int64_t bytes = rows.size() * row_bytes(level);
    std::byte* made = voxels_.data();
    if (level > 0)
      made = shrunk(level, z, rows);
    else
      source_.read({{z, rows.begin, 0}, {z + 1, rows.end, shapes_[0].x}}, made);
    const std::span<const std::byte> whole(made, static_cast<std::size_t>(bytes));
    if (kept_[level].store != nullptr) kept_[level].store->write(whole, place_of(level, z, rows.begin));
    if (z < share_[level].put.begin || z >= share_[level].put.end) return;
    store_.put(level, {{z, rows.begin, 0}, {z + 1, rows.end, shapes_[level].x}}, whole);
    if (resources_.progress == nullptr) return;
    resources_.progress->bytes_out += bytes;
    if (level == 0) resources_.progress->bytes_in += bytes;
  }

  std::int64_t place_of(std::size_t level, std::int64_t z, std::int64_t row) const {
    return ((z - kept_[level].first) * shapes_[level].y + row) * row_bytes(level);
  }

  void read(std::size_t level, std::int64_t z, const Interval& rows, std::byte* out) {
    const auto bytes = static_cast<std::size_t>(rows.size() * row_bytes(level));
    if (kept_[level].store != nullptr)
      kept_[level].store->read({out, bytes}, place_of(level, z, rows.begin));
    else
      source_.read({{z, rows.begin, 0}, {z + 1, rows.end, shapes_[0].x}}, out);
  }

  /// Rows of a level, behind the rows of the level before.
  std::byte* shrunk(std::size_t level, std::int64_t z, const Interval& rows) {
    const Shrink& shrink = shrinks_[level - 1];
    Extent3 in = shapes_[level - 1];
    const Interval seen = rows_before(shrink, rows, in);
    const Interval wanted = shrink.planes(z);
    const std::int64_t plane_bytes = seen.size() * row_bytes(level - 1);
    const Interval there = planes_before(shrink, {z, z + 1}, in.z);
    for (std::int64_t plane = there.begin; plane < there.end; ++plane)
      read(level - 1, plane, seen, voxels_.data() + (plane - there.begin) * plane_bytes);
    std::vector<const std::byte*> planes;
    for (std::int64_t plane = wanted.begin; plane < wanted.end; ++plane)
      if (shrink.repeats_ends() || (plane >= there.begin && plane < there.end))
        planes.push_back(voxels_.data() +
                         (std::clamp(plane, there.begin, there.end - 1) - there.begin) * plane_bytes);
    std::byte* const out = voxels_.data() + there.size() * plane_bytes;
    const std::int64_t first = seen.begin / shrink.factor().y;
    in.y = seen.size();
    const std::int64_t tasks = (rows.size() + kRowsPerTask - 1) / kRowsPerTask;
    parallel_for(tasks, [&](std::int64_t task) {
      const std::int64_t y = rows.begin + task * kRowsPerTask;
      const std::int64_t end = std::min(y + kRowsPerTask, rows.end);
      shrink.apply(planes, in, {y - first, end - first}, out + (y - rows.begin) * row_bytes(level));
    });
    return out;
  }

  SlabSource& source_;
  const PyramidSpec& spec_;
  std::vector<Shrink> shrinks_;
  const PyramidShare& share_;
  LevelSink& store_;
  const PyramidRows& plan_;
  const Resources& resources_;
  DType dtype_;
  std::vector<Extent3> shapes_;
  Buffer voxels_;
  std::vector<Kept> kept_;  ///< by level
};

}  // namespace

PyramidRows plan_pyramid_rows(const SlabSource& source, const PyramidSpec& spec, std::int64_t held,
                              const Resources& resources) {
  const VolumeMeta& meta = source.meta();
  const std::vector<Shrink> shrinks = pyramid_shrinks(spec.method, meta.dtype, spec.steps);
  const std::vector<Extent3> shapes = pyramid_shapes(meta.shape, shrinks);
  std::int64_t fixed = held + source.held_bytes();
  std::int64_t per_thread = 0;
  for (std::size_t i = 0; i < shrinks.size(); ++i)
    per_thread = std::max(per_thread, shrinks[i].scratch_bytes(shapes[i]));
  fixed += resources.threads * (source.scratch_bytes() + per_thread);
  const auto bytes = [&](std::int64_t rows) { return bytes_of_rows(spec, shapes, meta.dtype, rows); };
  PyramidRows plan;
  while (plan.rows < meta.shape.y && bytes(2 * plan.rows) <= kBytesAtOnce &&
         fixed + bytes(2 * plan.rows) <= resources.memory)
    plan.rows *= 2;
  plan.bytes = fixed + bytes(plan.rows);
  plan.spool_bytes = spooled_voxels(spec, shapes) * size_of(meta.dtype);
  if (plan.bytes <= resources.memory) return plan;
  fail_memory("needs " + format_bytes(plan.bytes) + ": chunks under way in all levels (" +
              format_bytes(held) + ") and rows of " + format_bytes(meta.row_bytes()) +
              memory_remedy(plan.bytes, resources.memory, resources.taken));
}

void run_pyramid_rows(SlabSource& source, const PyramidSpec& spec, const PyramidShare& share,
                      LevelSink& store, const PyramidRows& plan, const Resources& resources) {
  on_threads(resources.threads, [&] { RowsRun(source, spec, share, store, plan, resources).run(); });
}

}  // namespace vox
