// vnormalize clahe: equalises the histogram around each voxel, with a limit to the contrast.
//   vnormalize clahe --kernel 64 -t uint8 scan.tif local.tif
#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "cli/context.h"
#include "core/error.h"
#include "core/numbers.h"
#include "engine/block_plan.h"
#include "engine/tile_maps.h"
#include "ops/intensity/clahe.h"
#include "ops/intensity/rescale.h"
#include "ops/stats/range.h"
#include "vnormalize.h"

namespace {

using namespace vox;

struct Options {
  std::string input = "-";
  std::string output = "-";
  std::optional<Extent3> kernel;
  double clip_limit = 0.01;
  std::int64_t bins = 256;
  std::optional<DType> dtype;
};

void describe(ToolCard& card, Options& options) {
  card.name = "clahe";
  card.summary = "Equalise the histogram around each voxel: contrast-limited adaptive equalisation in 3D";
  card.description = {
      "As scikit-image's equalize_adapthist in three dimensions: the range of the whole volume becomes 16384 "
      "grey levels in N bins; the volume is cut into tiles of the size of the kernel (beyond its end it is "
      "mirrored); counts of a tile's histogram above the limit, a share of its voxels, are spread over the "
      "other bins; its cumulative histogram maps grey levels, and between the centres of the eight tiles "
      "around it each voxel's values are interpolated, so that there are no seams. The result is stretched "
      "from its own range to [0, 1], float32, or with -t to all of an integer type, rounded half to even.",
      "Unlike there, floating volumes may have any range, results are not cut to whole grey levels before "
      "the stretch, and a constant volume becomes 0. NaN is not counted and stays NaN, in integers it "
      "becomes 0; infinities count as the ends of the range. There is no value map behind this step."};
  card.memory =
      "four passes, three where the header knows the range, and 5 bytes for each bin and tile; a pipe is "
      "spooled";
  card.examples = {{"vnormalize clahe scan.tif local.tif", "tiles of an eighth of the volume"},
                   {"vnormalize clahe --kernel 8,16,16 --clip-limit 0.02 -t uint8 scan.tif local.tif",
                    "smaller tiles, more contrast, 8 bits"}};
  card.input_output(options.input, options.output);
  card.params.value("kernel", 0, "Z,Y,X", "size of a tile in voxels", options.kernel)
      .default_is("an eighth of each axis");
  card.params
      .value("clip-limit", 0, "C", "largest share of a tile in one bin; 0: no limit", options.clip_limit)
      .default_is("0.01");
  card.params.value("bins", 'b', "N", "bins of the histograms", options.bins).default_is("256");
  card.params.value("dtype", 't', "T", "voxel type of the output", options.dtype).default_is("float32");
}

Extent3 kernel_of(const Options& options, const Extent3& shape) {
  const auto eighth = [](std::int64_t size) { return std::max<std::int64_t>(size / 8, 1); };
  const Extent3 kernel = options.kernel.value_or(Extent3{eighth(shape.z), eighth(shape.y), eighth(shape.x)});
  for (const std::int64_t size : {kernel.z, kernel.y, kernel.x})
    if (size < 1 || size > 1'000'000) fail_usage("--kernel: give sizes from 1 to 1000000 voxels");
  return kernel;
}

void check(const Options& options) {
  if (options.bins < 2 || options.bins > ClaheLevels::kLevels)
    fail_usage("--bins: give a number from 2 to 16384");
  if (!(options.clip_limit >= 0 && options.clip_limit <= 1))
    fail_usage("--clip-limit: give a number from 0 to 1");
}

Range range_of(SlabSource& source, Context& context) {
  if (source.meta().range) return *source.meta().range;
  RangeReducer reducer(source.meta().dtype);
  context.reduce(source, reducer);
  return reducer.range().value_or(Range{0, 0});
}

/// Takes the maps' memory, and that of the counts which become maps, from what the passes may use.
void reserve_maps(const TileGrid& grid, std::int64_t bins, Context& context) {
  constexpr double kMap = 2;     // bytes for each bin
  constexpr double kCounts = 3;  // as they are kept, and kTable for each tile
  constexpr double kTable = 64;
  const double wanted =
      static_cast<double>(grid.tiles()) * ((kMap + kCounts) * static_cast<double>(bins) + kTable);
  const std::int64_t allowed = context.resources().memory;
  if (wanted > 0.5 * static_cast<double>(allowed)) {
    const auto needed = static_cast<std::int64_t>(std::min(2 * wanted, 9e18));
    fail_memory("needs " + format_bytes(needed) + " for " + format_count(grid.tiles()) + " tiles" +
                memory_remedy(needed, allowed, context.resources().taken) +
                ", a larger --kernel or fewer --bins");
  }
  context.resources().take(static_cast<std::int64_t>(wanted));
}

std::vector<std::uint16_t> maps_of(SlabSource& source, const TileGrid& grid, const ClaheLevels& levels,
                                   double clip_limit, Context& context) {
  TileCounts counts(source, grid, levels, context.resources());
  context.first_pass(source, counts);
  return counts.maps(clip_count(clip_limit, grid.voxels()));
}

void run(const Options& options, Context& context) {
  check(options);
  const auto source = context.inputs().open_rereadable(options.input, options.output);
  const VolumeMeta& meta = source->meta();
  const TileGrid grid(meta.shape, kernel_of(options, meta.shape));
  reserve_maps(grid, options.bins, context);
  const ClaheLevels levels(meta.dtype, range_of(*source, context), options.bins);
  const ClaheRows rows(grid, levels, maps_of(*source, grid, levels, options.clip_limit, context));
  ClaheExtremes extremes(rows, meta.shape.x);
  context.reduce(*source, extremes);
  const DType dtype = options.dtype.value_or(DType::float32);
  const Clahe clahe(rows, extremes.range(), full_range(dtype), dtype);
  context.map(*source, {&clahe}, options.output);
  if (context.explaining()) return;
  context.say(format_count(grid.tiles()) + " tiles of " +
              to_string(Extent3{grid.z.kernel(), grid.y.kernel(), grid.x.kernel()}) + " voxels");
  if (context.tally().nan > 0) context.say(format_count(context.tally().nan) + " NaN became 0");
}

}  // namespace

void add_clahe(vox::ToolCard& card) {
  const auto options = std::make_shared<Options>();
  describe(card, *options);
  card.run = [options](vox::Context& context) { run(*options, context); };
}
