#include "engine/labelled_runs.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include "core/error.h"
#include "core/numbers.h"
#include "engine/component_plan.h"
#include "engine/generated_source.h"
#include "engine/pipeline.h"
#include "engine/run_store.h"
#include "ops/label/fill_runs.h"
#include "ops/label/object_join.h"
#include "ops/label/paint_runs.h"
#include "ops/scratch.h"

namespace vox {
namespace {

/// Runs that are read from the scratch file at once.
constexpr std::int64_t kReadBytes = 256 << 10;

template <class T>
std::span<const std::byte> bytes_of(const std::vector<T>& values) {
  return std::as_bytes(std::span(values));
}

template <class Runs>
class RunsInStore final : public LabelledRuns {
 public:
  using Column = typename Runs::Column;
  using Count = typename Runs::Count;
  using Number = std::uint64_t;

  RunsInStore(const Extent3& shape, const ComponentRequest& request, const ComponentPlan& plan,
              const Resources& resources)
      : shape_(shape),
        runs_per_row_(plan.runs_per_row),
        keeps_runs_(request.runs),
        free_memory_(resources.memory - plan.peak_memory),
        join_(std::in_place, request.connectivity, shape.y, request.by_value),
        store_(free_memory_, resources.tmpdir) {
    join_->reserve(plan.runs_per_row);
  }

  /// Takes the labelled rows that follow.
  void add(std::int64_t first_row, const Runs& runs, std::int64_t count,
           const std::vector<ObjectMeasure>& measures) {
    const Number base = join_->add(runs, count);
    measures_.insert(measures_.end(), measures.begin(), measures.end());
    const std::int64_t objects = object_bytes();
    if (objects > free_memory_)
      fail_memory(format_count(join_->forest().size()) + " objects and pieces of objects take " +
                  format_bytes(objects) + ", --memory leaves " + format_bytes(free_memory_) +
                  " for them; use a larger --memory, or a higher threshold or a filter against noise");
    if (!keeps_runs_) return;
    store_.limit_memory(free_memory_ - objects);
    const std::span<const std::byte> parts[] = {bytes_of(runs.row_begin), bytes_of(runs.objects),
                                                bytes_of(runs.ends)};
    store_.put(parts);
    blocks_.push_back({first_row, runs.rows(), runs.runs(), base});
  }

  /// After the last rows: what was found to be one becomes one.
  void finish() {
    auto& forest = join_->forest();
    objects_ = forest.number_roots();
    std::int64_t seen = 0;
    for (std::size_t i = 0; i < measures_.size(); ++i) {
      const auto place = static_cast<std::int64_t>(forest.place(i));
      if (place == seen)
        measures_[static_cast<std::size_t>(seen++)] = measures_[i];
      else
        measures_[static_cast<std::size_t>(place)].add(measures_[i]);
    }
    measures_.resize(measures_.empty() ? 0 : static_cast<std::size_t>(objects_));
  }

  void set_labels(std::int64_t size, const std::function<std::uint64_t(std::int64_t)>& label) override {
    const auto& forest = join_->forest();
    label_size_ = size;
    labels_.resize(static_cast<std::size_t>(forest.size() * size));
    for (std::int64_t i = 0; i < forest.size(); ++i) {
      const std::uint64_t value = label(static_cast<std::int64_t>(forest.place(static_cast<Number>(i))));
      std::memcpy(labels_.data() + i * size, &value, static_cast<std::size_t>(size));
    }
    join_.reset();
  }

  void paint(const Block& out) const override {
    for_rows(out, [&](const RunView<Column>& view, std::int64_t rows, const std::byte* labels,
                      std::byte* to) { paint_rows(view, rows, shape_.x, label_size_, labels, to); });
  }

  void fill(const Block& volume) const override {
    const std::int64_t size = size_of(volume.dtype);
    for_rows(volume,
             [&](const RunView<Column>& view, std::int64_t rows, const std::byte* labels, std::byte* to) {
               fill_rows(view, rows, shape_.x, size, reinterpret_cast<const std::uint8_t*>(labels), to);
             });
  }

  std::int64_t scratch_bytes() const override {
    return store_.file_bytes() == 0 ? 0 : kReadBytes + 2 * row_bytes(1, runs_per_row_);
  }
  std::int64_t memory_bytes() const override {
    return store_.memory_bytes() + object_bytes() + static_cast<std::int64_t>(labels_.size());
  }
  std::int64_t file_bytes() const override { return store_.file_bytes(); }

 private:
  struct StoredRows {
    std::int64_t first_row;
    std::int64_t rows;
    std::int64_t runs;
    Number base;
  };

  static std::int64_t row_bytes(std::int64_t rows, std::int64_t runs) {
    return (rows + 1) * std::int64_t{sizeof(Count)} + runs * std::int64_t{sizeof(Count) + 2 * sizeof(Column)};
  }

  std::int64_t object_bytes() const {
    const std::int64_t numbers = join_ ? join_->forest().size() * std::int64_t{2 * sizeof(Number)} : 0;
    return numbers + static_cast<std::int64_t>(measures_.size() * sizeof(ObjectMeasure));
  }

  /// Calls `use(view, rows, labels, to)` for the rows of a block, some at a time.
  template <class Use>
  void for_rows(const Block& block, Use&& use) const {
    const Extent3 size = block.shape();
    for (std::int64_t z = 0; z < size.z; ++z) {
      std::int64_t row = (block.box.begin.z + z) * shape_.y + block.box.begin.y;
      const std::int64_t end = row + size.y;
      while (row < end) {
        const std::size_t at = block_of(row);
        const std::int64_t until = std::min(end, blocks_[at].first_row + blocks_[at].rows);
        std::byte* to = block.row(z, size.y - (end - row));
        const std::byte* labels = labels_.data() + static_cast<std::int64_t>(blocks_[at].base) * label_size_;
        use_stored_rows(at, row, until, block.row_stride, labels, to, use);
        row = until;
      }
    }
  }

  std::size_t block_of(std::int64_t row) const {
    const auto after = std::upper_bound(
        blocks_.begin(), blocks_.end(), row,
        [](std::int64_t wanted, const StoredRows& stored) { return wanted < stored.first_row; });
    return static_cast<std::size_t>(after - blocks_.begin()) - 1;
  }

  template <class Use>
  void use_stored_rows(std::size_t at, std::int64_t row, std::int64_t until, std::int64_t stride,
                       const std::byte* labels, std::byte* to, Use&& use) const {
    const StoredRows& stored = blocks_[at];
    const auto piece = static_cast<std::int64_t>(at);
    if (const std::byte* memory = store_.in_memory(piece)) {
      const auto* row_begin = reinterpret_cast<const Count*>(memory) + (row - stored.first_row);
      const auto* objects = reinterpret_cast<const Count*>(memory + row_bytes(stored.rows, 0)) + *row_begin;
      const auto* ends = reinterpret_cast<const Column*>(memory + objects_end(stored)) + 2 * *row_begin;
      return use(RunView<Column>{row_begin, ends, objects}, until - row, labels, to);
    }
    while (row < until) {
      const std::int64_t rows = std::min(until - row, rows_that_fit());
      read_rows(at, row, rows, [&](const RunView<Column>& view) { use(view, rows, labels, to); });
      row += rows;
      to += rows * stride;
    }
  }

  static std::int64_t objects_end(const StoredRows& stored) {
    return row_bytes(stored.rows, 0) + stored.runs * std::int64_t{sizeof(Count)};
  }
  std::int64_t rows_that_fit() const {
    return std::max<std::int64_t>(1, kReadBytes / row_bytes(1, runs_per_row_));
  }

  /// Brings rows of a piece from the scratch file.
  template <class Use>
  void read_rows(std::size_t at, std::int64_t row, std::int64_t rows, Use&& use) const {
    const StoredRows& stored = blocks_[at];
    const auto piece = static_cast<std::int64_t>(at);
    const auto as_wide = [](auto count) { return static_cast<std::int64_t>(count); };
    std::byte* scratch = thread_scratch(row_bytes(rows, rows * runs_per_row_) + 64);
    auto* row_begin = reinterpret_cast<Count*>(scratch);
    store_.read(piece, (row - stored.first_row) * as_wide(sizeof(Count)),
                {scratch, static_cast<std::size_t>(row_bytes(rows, 0))});
    const std::int64_t first = as_wide(row_begin[0]);
    const std::int64_t runs = as_wide(row_begin[rows]) - first;
    auto* objects = row_begin + rows + 1;
    auto* ends = reinterpret_cast<Column*>(objects + runs);
    if (runs > 0) {
      store_.read(piece, row_bytes(stored.rows, 0) + first * as_wide(sizeof(Count)),
                  std::as_writable_bytes(std::span(objects, static_cast<std::size_t>(runs))));
      store_.read(piece, objects_end(stored) + 2 * first * as_wide(sizeof(Column)),
                  std::as_writable_bytes(std::span(ends, static_cast<std::size_t>(2 * runs))));
    }
    use(RunView<Column>{row_begin, ends, objects});
  }

  Extent3 shape_;
  std::int64_t runs_per_row_;
  bool keeps_runs_;
  std::int64_t free_memory_;
  std::optional<ObjectJoin<Runs, Number>> join_;
  RunStore store_;
  std::vector<StoredRows> blocks_;
  std::int64_t label_size_ = 1;
  std::vector<std::byte> labels_;
};

/// What a thread needs to label the rows of a block.
template <class Runs>
struct BlockWork {
  BlockWork(const SlabSource& source, const ComponentRequest& request)
      : finder(source.meta().dtype, source.meta().shape.x, request.foreground, request.by_value),
        labeller(request.connectivity, source.meta().shape.y, request.by_value) {}

  Buffer voxels;
  RunFinder<Runs> finder;
  RowLabeller<Runs> labeller;
  Runs runs;
  std::int64_t count = 0;
  std::vector<ObjectMeasure> measures;
};

template <class Runs>
class ComponentPass {
 public:
  ComponentPass(SlabSource& source, const ComponentRequest& request, const Resources& resources)
      : source_(source),
        request_(request),
        progress_(resources.progress),
        plan_(plan_component_blocks(source, request, resources)),
        found_(std::make_unique<RunsInStore<Runs>>(source.meta().shape, request, plan_, resources)) {
    for (int slot = 0; slot < plan_.blocks.blocks_in_flight; ++slot) {
      BlockWork<Runs>& work = work_.emplace_back(source, request);
      work.voxels = Buffer(plan_.piece_rows * source.meta().row_bytes());
    }
  }

  std::unique_ptr<LabelledRuns> run() {
    Stages stages;
    const bool any_order = source_.seekable();
    if (!any_order) stages.first = [this](std::int64_t index, int slot) { find_runs(index, slot); };
    stages.work = [this, any_order](std::int64_t index, int slot) {
      if (any_order) find_runs(index, slot);
      label(index, slot);
    };
    stages.last = [this](std::int64_t index, int slot) {
      const BlockWork<Runs>& work = work_[static_cast<std::size_t>(slot)];
      found_->add(first_row(index), work.runs, work.count, work.measures);
    };
    run_pipeline(plan_.blocks.count(), plan_.blocks.blocks_in_flight, plan_.blocks.threads, stages);
    found_->finish();
    return std::move(found_);
  }

 private:
  std::int64_t first_row(std::int64_t index) const {
    const Box3 box = plan_.blocks.box(index);
    return box.begin.z * source_.meta().shape.y + box.begin.y;
  }

  void find_runs(std::int64_t index, int slot) {
    BlockWork<Runs>& work = work_[static_cast<std::size_t>(slot)];
    work.runs.clear();
    const Box3 box = plan_.blocks.box(index);
    const Extent3 size = box.shape();
    const std::int64_t planes = std::max<std::int64_t>(1, plan_.piece_rows / size.y);
    for (std::int64_t z = box.begin.z; z < box.end.z; z += planes)
      for (std::int64_t y = box.begin.y; y < box.end.y; y += plan_.piece_rows)
        read_piece(
            {{z, y, 0}, {std::min(z + planes, box.end.z), std::min(y + plan_.piece_rows, box.end.y), size.x}},
            work);
  }

  void read_piece(const Box3& box, BlockWork<Runs>& work) {
    source_.read(box, work.voxels.data());
    const std::int64_t row_bytes = source_.meta().row_bytes();
    const std::int64_t rows = box.shape().z * box.shape().y;
    for (std::int64_t row = 0; row < rows; ++row)
      work.finder.append(work.voxels.data() + row * row_bytes, work.runs);
    if (progress_ != nullptr) progress_->bytes_in += rows * row_bytes;
  }

  void label(std::int64_t index, int slot) {
    BlockWork<Runs>& work = work_[static_cast<std::size_t>(slot)];
    work.count = work.labeller.label(first_row(index), work.runs);
    if (request_.measures) measure_rows(first_row(index), source_.meta().shape.y, work);
  }

  static void measure_rows(std::int64_t first_row, std::int64_t plane_rows, BlockWork<Runs>& work) {
    work.measures.assign(static_cast<std::size_t>(work.count), ObjectMeasure{});
    const Runs& runs = work.runs;
    for (std::int64_t row = 0; row < runs.rows(); ++row) {
      const std::int64_t z = (first_row + row) / plane_rows;
      const std::int64_t y = (first_row + row) % plane_rows;
      const RunRange range = RowLabeller<Runs>::range_of(runs, row);
      for (auto k = static_cast<std::size_t>(range.begin); k < static_cast<std::size_t>(range.end); ++k)
        work.measures[runs.objects[k]].add_run(z, y, runs.ends[2 * k], runs.ends[2 * k + 1]);
    }
  }

  SlabSource& source_;
  ComponentRequest request_;
  Progress* progress_;
  ComponentPlan plan_;
  std::unique_ptr<RunsInStore<Runs>> found_;
  std::deque<BlockWork<Runs>> work_;
};

/// A volume with objects filled.
class FilledSource final : public SlabSource {
 public:
  FilledSource(SlabSource& source, const LabelledRuns& runs, std::int64_t first_plane)
      : source_(source), runs_(runs), first_plane_(first_plane) {
    meta_ = source.meta();
    meta_.range.reset();
    info_ = source.info();
  }

  bool seekable() const override { return source_.seekable(); }
  Extent3 chunk() const override { return source_.chunk(); }
  std::int64_t scratch_bytes() const override { return source_.scratch_bytes() + runs_.scratch_bytes(); }
  std::int64_t held_bytes() const override { return source_.held_bytes(); }
  void read(const Box3& box, std::byte* out) override {
    source_.read(box, out);
    runs_.fill(dense_block(out, meta_.dtype, shifted(box, {-first_plane_, 0, 0})));
  }

 private:
  SlabSource& source_;
  const LabelledRuns& runs_;
  std::int64_t first_plane_;
};

}  // namespace

PassPlan plan_components(const SlabSource& source, const ComponentRequest& request,
                         const Resources& resources) {
  const ComponentPlan blocks = plan_component_blocks(source, request, resources);
  PassPlan plan;
  plan.what = "find components";
  plan.block = blocks.blocks.block();
  plan.blocks_in_flight = blocks.blocks.blocks_in_flight;
  plan.peak_memory = blocks.peak_memory;
  plan.bytes_in = source.meta().bytes();
  return plan;
}

std::unique_ptr<LabelledRuns> find_components(SlabSource& source, const ComponentRequest& request,
                                              const Resources& resources) {
  if (source.meta().shape.x <= 0xffff) return ComponentPass<NarrowRuns>(source, request, resources).run();
  return ComponentPass<WideRuns>(source, request, resources).run();
}

std::unique_ptr<SlabSource> painted(const LabelledRuns& runs, const VolumeMeta& meta, const SourceInfo& info,
                                    std::int64_t first_plane) {
  const auto paint = [&runs, first_plane](const Block& out) {
    Block moved = out;
    moved.box = shifted(out.box, {-first_plane, 0, 0});
    runs.paint(moved);
  };
  return std::make_unique<GeneratedSource>(meta, info, paint, runs.scratch_bytes());
}

std::unique_ptr<SlabSource> filled(SlabSource& source, const LabelledRuns& runs, std::int64_t first_plane) {
  return std::make_unique<FilledSource>(source, runs, first_plane);
}

}  // namespace vox
