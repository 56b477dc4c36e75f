// OME-TIFF with several resolutions: pages in tiles, and below each page its smaller versions (SubIFDs), as
// the OME-TIFF specification has them. A plane's directories are written when its last level is there, so
// that no more is held than a row of tiles and the tables of two planes.
#include <algorithm>
#include <cstring>
#include <optional>

#include "core/error.h"
#include "io/output_file.h"
#include "io/pool.h"
#include "io/tiff.h"
#include "io/tiff_imagej.h"
#include "io/tiff_predictor.h"
#include "io/tiff_write.h"
#include "io/worker_pool.h"

namespace vox {
namespace {

constexpr std::int64_t kTileSide = 64;
constexpr std::int64_t kTileMultiple = 16;  // of the TIFF specification
constexpr std::int64_t kRowsPerThread = 2;  // rows of tiles that are coded before they are written

/// A plan for each level. Throws usage errors for what TIFF or OME cannot hold.
std::vector<TiffPlan> plan_levels(const std::string& path, const MultiscalePlan& plan,
                                  const CreateOptions& options) {
  TiffPlan first = plan_tiff(path, plan.meta, options, TiffStyle::ome);
  const Extent3 chunk = plan.layout.chunk.value_or(Extent3{1, kTileSide, kTileSide});
  if (chunk.y % kTileMultiple != 0 || chunk.x % kTileMultiple != 0)
    fail_usage("--chunk: the sides of a TIFF's tiles are multiples of " + std::to_string(kTileMultiple));
  first.tile_height = chunk.y;
  first.tile_width = chunk.x;
  std::vector<TiffPlan> plans;
  std::int64_t plane = 0;
  for (const LevelPlan& level : plan.levels) {
    TiffPlan& each = plans.emplace_back(first);
    each.meta.shape = level.shape;
    each.reduced = plans.size() > 1;
    if (plan.meta.spacing) {
      each.y_resolution = tiff_resolution((*plan.meta.spacing)[1] * static_cast<double>(level.factor.y));
      each.x_resolution = tiff_resolution((*plan.meta.spacing)[2] * static_cast<double>(level.factor.x));
    }
    const std::int64_t tile = TiffEncoder::largest_output(first.encoding, each.chunk_bytes());
    plane += each.chunks_per_plane() * tile + tiff_directory_bytes(each, false);
  }
  const bool big = exceeds_classic_tiff(plane, plan.meta.shape.z);
  for (TiffPlan& each : plans) each.big = big;
  return plans;
}

/// A row of tiles of the largest level.
std::int64_t gathered_bytes(const TiffPlan& first) { return first.tile_height * first.meta.row_bytes(); }

/// Where the tiles of two planes are, and the directories that say so.
std::int64_t table_bytes(const std::vector<TiffPlan>& plans) {
  constexpr std::int64_t kPerTile = 2 * 16 + 16;
  std::int64_t tiles = 0;
  for (const TiffPlan& plan : plans) tiles += plan.chunks_per_plane();
  return tiles * kPerTile;
}

std::int64_t rows_at_once(int threads) { return kRowsPerThread * threads; }

class TiffPyramidSink : public LevelSink {
 public:
  TiffPyramidSink(const std::string& path, const MultiscalePlan& plan, const CreateOptions& options)
      : meta_(plan.meta),
        plans_(plan_levels(path, plan, options)),
        waiting_(plans_.size()),
        gathered_(static_cast<std::size_t>(gathered_bytes(plans_.front()))),
        file_(path, options.force),
        pool_(options.threads),
        coded_(static_cast<std::size_t>(rows_at_once(options.threads))),
        scratch_([this] { return std::make_unique<Scratch>(plans_.front().encoding); }) {
    end_ = static_cast<std::int64_t>(tiff_header(plans_.front(), 0).size());
  }

  void put(std::size_t level, const Box3& box, std::span<const std::byte> voxels) override {
    const VolumeMeta& meta = plans_[level].meta;
    const std::byte* data = voxels.data();
    for (Interval rows{box.begin.y, box.end.y}; rows.size() > 0;) {
      const std::int64_t whole = whole_tiles(meta, rows);
      if (whole > 0) code(level, whole, data);
      const std::int64_t taken = whole > 0 ? whole : gather(level, rows, data);
      rows.begin += taken;
      data += taken * meta.row_bytes();
    }
    if (level + 1 == plans_.size() && box.end.y == meta.shape.y) put_directories();
  }

  void finish() override {
    const std::int64_t first = first_directory_;
    put_last_page(0);
    file_.bytes().write_at(tiff_header(plans_.front(), first), 0);
    file_.commit_with_sidecar(meta_);
  }

 private:
  /// Where the tiles of a plane are.
  struct Tiles {
    std::vector<std::int64_t> offsets;
    std::vector<std::int64_t> sizes;
  };
  /// A plane's own directory, until it is known where the next one stands.
  struct Page {
    std::int64_t at = 0;
    Tiles tiles;
    std::vector<std::int64_t> levels;
  };
  struct Scratch {
    explicit Scratch(TiffEncoding encoding) {
      if (encoding.codec != TiffCodec::none) encoder.emplace(encoding);
    }
    std::optional<TiffEncoder> encoder;
    GrowingBuffer tile;
    GrowingBuffer row;
  };

  std::int64_t tile_height() const { return plans_.front().tile_height; }

  /// Rows from the first on that make whole rows of tiles, of which the plane's last may be lower.
  std::int64_t whole_tiles(const VolumeMeta& meta, const Interval& rows) const {
    if (rows.begin % tile_height() != 0) return 0;
    return rows.end == meta.shape.y ? rows.size() : rows.size() - rows.size() % tile_height();
  }

  /// Takes rows of one row of tiles behind those before them, and codes it when it is complete; says how
  /// many.
  std::int64_t gather(std::size_t level, const Interval& rows, const std::byte* data) {
    const VolumeMeta& meta = plans_[level].meta;
    const std::int64_t behind = rows.begin % tile_height();
    const std::int64_t count = std::min(rows.size(), tile_height() - behind);
    std::memcpy(gathered_.data() + behind * meta.row_bytes(), data,
                static_cast<std::size_t>(count * meta.row_bytes()));
    const Interval gathered{rows.begin - behind, rows.begin + count};
    if (whole_tiles(meta, gathered) > 0) code(level, gathered.size(), gathered_.data());
    return count;
  }

  /// The next rows of a level, which begin with a row of tiles.
  void code(std::size_t level, std::int64_t rows, const std::byte* data) {
    const TiffPlan& plan = plans_[level];
    const std::int64_t down = (rows - 1) / tile_height() + 1;
    for (std::int64_t first = 0; first < down; first += rows_per_batch()) {
      const std::int64_t count = std::min(rows_per_batch(), down - first);
      WorkerBatch batch(pool_);
      batch.start(count, [&](std::int64_t job) {
        const std::int64_t row = (first + job) * tile_height();
        code_row(plan, data + row * plan.meta.row_bytes(), std::min(tile_height(), rows - row),
                 coded_[static_cast<std::size_t>(job)]);
      });
      batch.wait();
      for (std::int64_t i = 0; i < count; ++i) append(coded_[static_cast<std::size_t>(i)], waiting_[level]);
    }
  }

  std::int64_t rows_per_batch() const { return static_cast<std::int64_t>(coded_.size()); }

  /// The tiles of one row of them; beyond the plane's end they are 0.
  void code_row(const TiffPlan& plan, const std::byte* data, std::int64_t rows, Encoded& out) {
    const Pool<Scratch>::Loan scratch(scratch_);
    const std::int64_t element = size_of(plan.meta.dtype);
    const std::int64_t row_bytes = plan.tile_width * element;
    const std::span<std::byte> tile = scratch->tile.of_size(plan.chunk_bytes());
    out.bytes.clear();
    out.sizes.clear();
    for (std::int64_t x = 0; x < plan.meta.shape.x; x += plan.tile_width) {
      const std::int64_t bytes = std::min(plan.tile_width, plan.meta.shape.x - x) * element;
      if (bytes < row_bytes || rows < plan.tile_height) std::fill(tile.begin(), tile.end(), std::byte{});
      const std::byte* from = data + x * element;
      for (std::int64_t y = 0; y < rows; ++y)
        std::memcpy(tile.data() + y * row_bytes, from + y * plan.meta.row_bytes(),
                    static_cast<std::size_t>(bytes));
      apply_predictor(plan.predictor, {plan.meta.dtype, plan.tile_width, 1}, tile,
                      scratch->row.of_size(row_bytes));
      const std::size_t before = out.bytes.size();
      if (scratch->encoder)
        scratch->encoder->encode(tile, row_bytes, out.bytes);
      else
        out.bytes.insert(out.bytes.end(), tile.begin(), tile.end());
      out.sizes.push_back(static_cast<std::int64_t>(out.bytes.size() - before));
    }
  }

  void append(const Encoded& row, Tiles& tiles) {
    file_.bytes().write_at(row.bytes, end_);
    for (const std::int64_t size : row.sizes) {
      tiles.offsets.push_back(end_);
      tiles.sizes.push_back(size);
      end_ += size;
    }
  }

  /// Of the plane that is complete: room for its own, and those of its levels behind.
  void put_directories() {
    Page page;
    page.at = end_ + end_ % 2;
    page.tiles = std::exchange(waiting_[0], {});
    page.levels.assign(plans_.size() - 1, 0);
    end_ = page.at + static_cast<std::int64_t>(directory_of(page, 0).size());
    for (std::size_t level = 1; level < plans_.size(); ++level) {
      const Tiles tiles = std::exchange(waiting_[level], {});
      const auto directory = tiff_directory(plans_[level], false, end_, 0, tiles.offsets, tiles.sizes);
      file_.bytes().write_at(directory, end_);
      page.levels[level - 1] = end_;
      end_ += static_cast<std::int64_t>(directory.size());
    }
    put_last_page(page.at);
    last_page_ = std::move(page);
  }

  std::vector<std::byte> directory_of(const Page& page, std::int64_t next) const {
    const bool first = first_directory_ == 0 || page.at == first_directory_;
    return tiff_directory(plans_.front(), first, page.at, next, page.tiles.offsets, page.tiles.sizes,
                          page.levels);
  }

  /// The directory that waits for the place of the one behind it, `next`; 0 for none.
  void put_last_page(std::int64_t next) {
    if (first_directory_ == 0) {
      first_directory_ = next;
      return;
    }
    file_.bytes().write_at(directory_of(last_page_, next), last_page_.at);
  }

  VolumeMeta meta_;
  std::vector<TiffPlan> plans_;
  std::vector<Tiles> waiting_;       ///< of each level, in the plane that has no directories yet
  std::vector<std::byte> gathered_;  ///< rows of less than a row of tiles
  OutputFile file_;
  WorkerPool pool_;
  std::vector<Encoded> coded_;
  Pool<Scratch> scratch_;
  std::int64_t end_ = 0;
  std::int64_t first_directory_ = 0;
  Page last_page_;
};

std::int64_t held_bytes(const std::string& path, const MultiscalePlan& plan, const CreateOptions& options) {
  const std::vector<TiffPlan> plans = plan_levels(path, plan, options);
  const TiffPlan& first = plans.front();
  const std::int64_t tile = TiffEncoder::largest_output(first.encoding, first.chunk_bytes());
  const std::int64_t workers = options.threads + 1;
  return rows_at_once(options.threads) * first.chunks_across() * tile + gathered_bytes(first) +
         table_bytes(plans) +
         workers * (TiffEncoder::memory_bytes(first.encoding, first.chunk_bytes()) + first.chunk_bytes());
}

std::unique_ptr<LevelSink> create(const std::string& path, const MultiscalePlan& plan,
                                  const CreateOptions& options) {
  check_output(path, options.force);
  return std::make_unique<TiffPyramidSink>(path, plan, options);
}

}  // namespace

const MultiscaleFormat kOmeTiffLevels{
    .keeps_planes = true, .has_chunks = false, .held_bytes = held_bytes, .create = create};

}  // namespace vox
