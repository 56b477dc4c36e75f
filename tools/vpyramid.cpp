// vpyramid: a volume at every scale, in one pass.
// Streaming: holds a layer of chunks of every level.
//   vconvert slices/ | vpyramid - scan.ome.zarr
#include <algorithm>
#include <array>
#include <optional>

#include "cli/context.h"
#include "cli/tool.h"
#include "core/error.h"
#include "ops/pyramid/levels.h"

namespace {

using namespace vox;

struct Options {
  std::string input = "-";
  std::string output;
  std::string method = "auto";
  std::optional<std::int64_t> levels;
  std::string factor = "auto";
  std::optional<Extent3> chunk;
  std::string shard = "auto";
  std::string ome = "0.5";
};

void describe(ToolCard& card, Options& options) {
  card.name = "vpyramid";
  card.summary = "Write a volume at every scale as OME-Zarr, in one pass";
  card.description = {
      "Each level is made of the one before, and all of them while INPUT is read once, also from a pipe. An "
      "axis of n "
      "voxels shrinks to ceil(n / factor); the last voxel reduces what is there. Levels lie where their "
      "voxels' centres "
      "are: spacing times the factor, the first centre moved by half of what the spacing grew. Voxel types "
      "stay.",
      "Methods: mean rounds half to even in integers and sums in double precision; gaussian weights the box "
      "and half a "
      "factor around it with sigma of half a factor, the volume's last voxels repeated; nearest takes the "
      "voxel at "
      "factor / 2, rounded down; mode the most frequent value, of several the smallest; max and min as they "
      "say. auto: "
      "mean for intensities, mode for labels and masks; labels are never averaged. A NaN makes mean, "
      "gaussian, max and "
      "min NaN.",
      "Factor auto halves an axis when its spacing is less than twice the smallest; axes of one voxel stay. "
      "There are as "
      "many levels as it takes until one chunk holds the last.",
      "Chunks of 64 x 64 x 64 voxels become thinner and wider, unless --chunk names their size, where a "
      "layer of planes "
      "that deep does not fit half of --memory. Shards (files of many chunks, in version 0.5) take some 256 "
      "MiB before "
      "compression. The store appears under its name when it is complete."};
  card.memory = "streaming; one or two layers of chunks of every level, and a few planes";
  card.examples = {
      {"vpyramid scan.tif scan.ome.zarr", "all levels, by the mean"},
      {"vclip -p 1,99 scan.tif | vpyramid - scan.ome.zarr", "from a pipe"},
      {"vpyramid --kind labels mask.tif mask.ome.zarr", "labels by the mode"},
      {"vpyramid --ome 0.4 -c blosc:zstd:5 --factor 2 scan.tif scan.ome.zarr", "for older readers"}};
  card.positional("INPUT", "the volume; - reads a stream from standard input", options.input);
  card.positional("OUTPUT.ome.zarr", "the store, a folder", options.output);
  card.params.value("method", 'm', "METHOD", "How voxels of a box become one", options.method)
      .one_of({"auto", "mean", "gaussian", "nearest", "mode", "max", "min"})
      .default_is("auto");
  card.params.value("levels", 0, "N", "Number of levels, the full resolution too", options.levels)
      .default_is("until one chunk holds the last");
  card.params
      .value("factor", 0, "F", "auto, or a whole number or Z,Y,X by which each level shrinks", options.factor)
      .default_is("auto");
  card.params.value("chunk", 0, "Z,Y,X", "Voxels that are compressed together", options.chunk)
      .default_is("64");
  card.params.value("shard", 0, "SIZE", "auto, none, or Z,Y,X voxels in one file", options.shard)
      .default_is("auto");
  card.params.value("ome", 0, "VERSION", "Version of OME-Zarr", options.ome)
      .one_of({"0.5", "0.4"})
      .default_is("0.5");
}

Extent3 positive(const char* option, const Extent3& extent, std::int64_t most) {
  const auto [smallest, largest] = std::minmax({extent.z, extent.y, extent.x});
  if (smallest < 1 || largest > most)
    fail_usage(std::string("--") + option + ": must be from 1 to " + std::to_string(most) +
               " along every axis");
  return extent;
}

ShrinkMethod method_of(const Options& options, Kind kind) {
  const bool blends = options.method == "mean" || options.method == "gaussian";
  if (kind == Kind::labels && blends)
    fail_usage("--method " + options.method +
               ": labels must not be averaged; choose mode, nearest, max or min");
  if (options.method == "auto") return kind == Kind::intensity ? ShrinkMethod::mean : ShrinkMethod::mode;
  for (const ShrinkMethod method : {ShrinkMethod::gaussian, ShrinkMethod::nearest, ShrinkMethod::mode,
                                    ShrinkMethod::max, ShrinkMethod::min})
    if (shrink_method_name(method) == options.method) return method;
  return ShrinkMethod::mean;
}

PyramidSpec spec_of(const Options& options, const VolumeMeta& meta) {
  constexpr std::int64_t kLargest = 1 << 20;
  PyramidWish wish;
  if (options.levels && (*options.levels < 1 || *options.levels > 64))
    fail_usage("--levels: must be from 1 to 64");
  wish.levels = options.levels;
  if (options.chunk) wish.chunk = positive("chunk", *options.chunk, kLargest);
  if (options.factor != "auto") {
    wish.factor.emplace();
    parse_value(options.factor, *wish.factor);
    positive("factor", *wish.factor, 64);
  }
  PyramidSpec spec;
  spec.method = method_of(options, meta.kind);
  spec.steps = pyramid_steps(meta, wish);
  spec.version = options.ome == "0.4" ? OmeVersion::v04 : OmeVersion::v05;
  spec.layout.chunk = options.chunk;
  const bool any = options.shard == "auto" || options.shard == "none";
  spec.layout.sharded = options.shard != "none" && spec.version == OmeVersion::v05;
  if (any) return spec;
  if (!spec.layout.sharded)
    fail_usage("--shard: OME-Zarr 0.4 has no shards; leave it out or choose --ome 0.5");
  if (!options.chunk) fail_usage("--shard " + options.shard + ": needs --chunk, of which it is a multiple");
  spec.layout.shard.emplace();
  parse_value(options.shard, *spec.layout.shard);
  positive("shard", *spec.layout.shard, kLargest);
  return spec;
}

void run(const Options& options, Context& context) {
  const auto source = context.open_input(options.input);
  context.pyramid(*source, spec_of(options, source->meta()), options.output);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  ToolCard card;
  describe(card, options);
  card.run = [&options](Context& context) { run(options, context); };
  return tool_main(argc, argv, card);
}
