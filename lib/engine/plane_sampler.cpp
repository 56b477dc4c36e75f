#include "engine/plane_sampler.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "core/error.h"
#include "core/numbers.h"
#include "engine/buffer.h"
#include "engine/pipeline.h"

namespace vox {
namespace {

constexpr std::int64_t kBoxBytes = 1 << 20;
/// A row this short is read whole: it costs no more than a part of it.
constexpr std::int64_t kShortRow = 4096;
constexpr std::int64_t kMostJobs = 4096;

using Indices = std::span<const std::int64_t>;

/// Indices that are read at once.
struct Run {
  std::size_t first = 0;
  std::size_t count = 0;
};

/// Splits indices where whole chunks between them are not asked for, and after `at_most` voxels (but not
/// within a chunk).
std::vector<Run> runs_of(Indices indices, std::int64_t chunk, std::int64_t at_most) {
  std::vector<Run> runs;
  const std::int64_t chunks_at_most = std::max<std::int64_t>(1, at_most / chunk);
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const bool joins = !runs.empty() && indices[i] / chunk - indices[i - 1] / chunk <= 1 &&
                       indices[i] / chunk - indices[runs.back().first] / chunk < chunks_at_most;
    if (joins)
      ++runs.back().count;
    else
      runs.push_back({i, 1});
  }
  return runs;
}

/// A part of a grid that is read as one box.
struct Part {
  Run z, y, x;
};

Interval span_of(const std::vector<std::int64_t>& indices, const Run& run) {
  return {indices[run.first], indices[run.first + run.count - 1] + 1};
}

/// Calls `use(first, count)` for every longest run of indices without gaps.
template <class Use>
void for_each_neighbours(const std::vector<std::int64_t>& indices, const Run& run, Use&& use) {
  const std::size_t end = run.first + run.count;
  for (std::size_t first = run.first; first < end;) {
    std::size_t last = first + 1;
    while (last < end && indices[last] == indices[last - 1] + 1) ++last;
    use(first, last - first);
    first = last;
  }
}

/// Copies the voxels of a part out of a box that holds them.
void pick(const VoxelGrid& grid, const Part& part, const Box3& box, const std::byte* from,
          std::int64_t element, std::byte* to) {
  const Extent3 size = box.shape();
  const auto wanted_rows = static_cast<std::int64_t>(grid.y.size());
  const auto wanted_columns = static_cast<std::int64_t>(grid.x.size());
  for (std::size_t z = part.z.first; z < part.z.first + part.z.count; ++z) {
    for (std::size_t y = part.y.first; y < part.y.first + part.y.count; ++y) {
      const std::byte* const row =
          from + ((grid.z[z] - box.begin.z) * size.y + grid.y[y] - box.begin.y) * size.x * element;
      std::byte* const out =
          to + (static_cast<std::int64_t>(z) * wanted_rows + static_cast<std::int64_t>(y)) * wanted_columns *
                   element;
      for_each_neighbours(grid.x, part.x, [&](std::size_t first, std::size_t count) {
        std::memcpy(out + static_cast<std::int64_t>(first) * element,
                    row + (grid.x[first] - box.begin.x) * element, count * static_cast<std::size_t>(element));
      });
    }
  }
}

/// What to read of a source that can seek for one grid: parts 0 to count() - 1.
class Parts {
 public:
  Parts(const SlabSource& source, const VoxelGrid& grid) : grid_(grid), width_(source.meta().shape.x) {
    const Extent3 chunk = source.chunk();
    element_ = size_of(source.meta().dtype);
    whole_rows_ = chunk.x >= width_ && width_ * element_ <= kShortRow;
    const std::int64_t width = whole_rows_ ? width_ : grid.x.back() + 1 - grid.x.front();
    const std::int64_t rows = std::max<std::int64_t>(1, kBoxBytes / (width * element_));
    const std::int64_t planes = std::max<std::int64_t>(1, rows / (grid.y.back() + 1 - grid.y.front()));
    z_ = runs_of(grid.z, chunk.z, planes);
    y_ = runs_of(grid.y, chunk.y, rows);
    x_ = runs_of(grid.x, chunk.x, width_);
  }

  std::int64_t count() const { return static_cast<std::int64_t>(z_.size() * y_.size() * x_.size()); }

  Part part(std::int64_t index) const {
    const auto at = static_cast<std::size_t>(index);
    return {z_[at / x_.size() / y_.size()], y_[at / x_.size() % y_.size()], x_[at % x_.size()]};
  }

  Box3 box(const Part& part) const {
    const Interval z = span_of(grid_.z, part.z);
    const Interval y = span_of(grid_.y, part.y);
    const Interval x = whole_rows_ ? Interval{0, width_} : span_of(grid_.x, part.x);
    return {{z.begin, y.begin, x.begin}, {z.end, y.end, x.end}};
  }

  std::int64_t largest_bytes() const {
    const std::int64_t wide = whole_rows_ ? width_ : longest(grid_.x, x_);
    return longest(grid_.z, z_) * longest(grid_.y, y_) * wide * element_;
  }

 private:
  static std::int64_t longest(const std::vector<std::int64_t>& indices, const std::vector<Run>& runs) {
    std::int64_t most = 0;
    for (const Run& run : runs) most = std::max(most, span_of(indices, run).size());
    return most;
  }

  const VoxelGrid& grid_;
  std::int64_t width_;
  std::int64_t element_ = 1;
  bool whole_rows_ = false;
  std::vector<Run> z_, y_, x_;
};

void note_read(const Resources& resources, std::int64_t bytes) {
  if (resources.progress != nullptr) resources.progress->bytes_in += bytes;
}

void sample_in_any_order(SlabSource& source, const VoxelGrid& grid, const Resources& resources,
                         std::vector<std::byte>& samples) {
  const Parts parts(source, grid);
  const std::int64_t element = size_of(source.meta().dtype);
  // A thread takes several parts at once where there are many small ones.
  const std::int64_t at_once = std::max<std::int64_t>(1, parts.count() / kMostJobs);
  const std::int64_t jobs = (parts.count() + at_once - 1) / at_once;
  const int threads = static_cast<int>(std::min<std::int64_t>(resources.threads, jobs));
  std::vector<Buffer> buffers;
  buffers.reserve(static_cast<std::size_t>(threads));
  for (int i = 0; i < threads; ++i) buffers.emplace_back(parts.largest_bytes());
  Stages stages;
  stages.work = [&](std::int64_t job, int slot) {
    std::byte* const buffer = buffers[static_cast<std::size_t>(slot)].data();
    for (std::int64_t i = job * at_once; i < std::min((job + 1) * at_once, parts.count()); ++i) {
      const Part part = parts.part(i);
      const Box3 box = parts.box(part);
      source.read(box, buffer);
      note_read(resources, voxels(box.shape()) * element);
      pick(grid, part, box, buffer, element, samples.data());
    }
  };
  run_pipeline(jobs, threads, threads, stages);
}

/// The part of `grid` in one plane and some rows; none when it has no voxels there.
Part part_in(const VoxelGrid& grid, std::int64_t z, const Interval& rows) {
  const auto place = std::lower_bound(grid.z.begin(), grid.z.end(), z);
  const bool in_plane = place != grid.z.end() && *place == z;
  const auto first = std::lower_bound(grid.y.begin(), grid.y.end(), rows.begin);
  const auto last = std::lower_bound(first, grid.y.end(), rows.end);
  return {{static_cast<std::size_t>(place - grid.z.begin()), in_plane ? std::size_t{1} : 0},
          {static_cast<std::size_t>(first - grid.y.begin()), static_cast<std::size_t>(last - first)},
          {0, grid.x.size()}};
}

/// The rows that any grid needs of plane `z`.
std::vector<std::int64_t> rows_needed(std::span<const VoxelGrid> grids, std::int64_t z) {
  std::set<std::int64_t> rows;
  for (const VoxelGrid& grid : grids)
    if (std::binary_search(grid.z.begin(), grid.z.end(), z)) rows.insert(grid.y.begin(), grid.y.end());
  return {rows.begin(), rows.end()};
}

void sample_in_order(SlabSource& source, std::span<const VoxelGrid> grids, const Resources& resources,
                     std::vector<std::vector<std::byte>>& samples) {
  const VolumeMeta& meta = source.meta();
  const std::int64_t element = size_of(meta.dtype);
  const std::int64_t rows_at_once = std::max<std::int64_t>(1, kBoxBytes / meta.row_bytes());
  const Buffer buffer(std::min(rows_at_once, meta.shape.y) * meta.row_bytes());
  std::set<std::int64_t> planes;
  for (const VoxelGrid& grid : grids) planes.insert(grid.z.begin(), grid.z.end());
  for (const std::int64_t z : planes) {
    const std::vector<std::int64_t> rows = rows_needed(grids, z);
    for (const Run& run : runs_of(rows, 1, rows_at_once)) {
      const Interval ys = span_of(rows, run);
      const Box3 box{{z, ys.begin, 0}, {z + 1, ys.end, meta.shape.x}};
      source.read(box, buffer.data());
      note_read(resources, voxels(box.shape()) * element);
      for (std::size_t i = 0; i < grids.size(); ++i)
        pick(grids[i], part_in(grids[i], z, ys), box, buffer.data(), element, samples[i].data());
    }
  }
}

}  // namespace

std::vector<std::vector<std::byte>> sample_voxels(SlabSource& source, std::span<const VoxelGrid> grids,
                                                  const Resources& resources) {
  std::vector<std::vector<std::byte>> samples;
  for (const VoxelGrid& grid : grids)
    samples.emplace_back(static_cast<std::size_t>(grid.count() * size_of(source.meta().dtype)));
  if (!source.seekable())
    sample_in_order(source, grids, resources, samples);
  else
    for (std::size_t i = 0; i < grids.size(); ++i)
      sample_in_any_order(source, grids[i], resources, samples[i]);
  return samples;
}

PassPlan plan_sample(const SlabSource& source, std::span<const VoxelGrid> grids, std::int64_t held,
                     const std::string& remedy, const Resources& resources) {
  PassPlan plan;
  plan.what = "sample";
  plan.blocks_in_flight = source.seekable() ? resources.threads : 1;
  for (const VoxelGrid& grid : grids) plan.bytes_in += grid.count() * size_of(source.meta().dtype);
  std::int64_t box = std::max(kBoxBytes, source.meta().row_bytes());
  if (source.seekable()) {
    box = 0;
    for (const VoxelGrid& grid : grids) box = std::max(box, Parts(source, grid).largest_bytes());
  }
  plan.peak_memory =
      held + plan.bytes_in + source.held_bytes() + plan.blocks_in_flight * (box + source.scratch_bytes());
  if (plan.peak_memory > resources.memory)
    fail_memory("the picture needs " + format_bytes(plan.peak_memory) + ", --memory allows " +
                format_bytes(resources.memory) + "; " + remedy);
  return plan;
}

}  // namespace vox
