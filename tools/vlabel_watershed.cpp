// vlabel watershed: objects that touch, told apart; regions around markers.
//   vlabel watershed beads-mask.tif beads.tif
//   vlabel watershed --markers seeds.tif gradient.tif regions.tif
#include <cmath>
#include <memory>
#include <vector>

#include "cli/context.h"
#include "core/error.h"
#include "core/numbers.h"
#include "engine/distance_source.h"
#include "engine/watershed_source.h"
#include "vlabel.h"

namespace {

using namespace vox;

struct Options {
  std::string input = "-";
  std::string output = "-";
  std::optional<std::string> markers;
  std::optional<std::string> mask;
  std::optional<double> depth;
  Connectivity connectivity = Connectivity::faces;
};

/// The volumes that are read beside each other to fill the flood.
struct Inputs {
  std::unique_ptr<SlabSource> volume;
  std::unique_ptr<SlabSource> mask;
  std::unique_ptr<SlabSource> markers;
};

Inputs open_inputs(const Options& options, Context& context) {
  Inputs inputs;
  inputs.volume = context.inputs().open(options.input);
  const VolumeMeta& meta = inputs.volume->meta();
  if (options.mask) inputs.mask = context.inputs().open_beside(*options.mask, meta, "--mask");
  if (options.markers) inputs.markers = context.inputs().open_beside(*options.markers, meta, "--markers");
  if (inputs.markers && is_float(inputs.markers->meta().dtype))
    fail_usage("--markers " + *options.markers + ": labels are integers, this is " +
               std::string(dtype_name(inputs.markers->meta().dtype)) + "; convert it with vconvert -t");
  return inputs;
}

WatershedSettings settings_of(const Options& options, const Inputs& inputs) {
  WatershedSettings settings;
  settings.connectivity = options.connectivity;
  settings.inputs.mask = inputs.mask != nullptr;
  settings.inputs.markers = inputs.markers != nullptr;
  settings.inputs.distances = inputs.volume->meta().kind != Kind::intensity;
  if (inputs.markers) settings.marker_dtype = inputs.markers->meta().dtype;
  settings.depth = options.depth;
  return settings;
}

/// Shows the volume, or the distances in it, with mask and markers to the flood.
void load(const Inputs& inputs, WatershedSource& flood, Context& context) {
  std::unique_ptr<DistanceSource> distances;
  std::vector<SlabSource*> sources{inputs.volume.get()};
  const Resources before = context.resources();
  if (inputs.volume->meta().kind != Kind::intensity) {
    distances = std::make_unique<DistanceSource>(inputs.volume->meta(), inputs.volume->info().name, before);
    context.resources().take(distances->plan().peak_memory);
    context.reduce(*inputs.volume, distances->foreground());
    context.begin_pass(distances->plan());
    sources = {distances.get()};
  }
  if (inputs.mask) sources.push_back(inputs.mask.get());
  if (inputs.markers) sources.push_back(inputs.markers.get());
  context.reduce(sources, flood.loader());
  context.resources() = before;
}

void run(const Options& options, Context& context) {
  if (options.depth && !(*options.depth > 0 && std::isfinite(*options.depth)))
    fail_usage("--depth: must be a number above 0");
  const Inputs inputs = open_inputs(options, context);
  context.inputs().scratch_beside(options.output);
  WatershedSource flood(inputs.volume->meta(), inputs.volume->info().name, settings_of(options, inputs),
                        context.resources());
  context.say_verbose("stands in memory: " + format_bytes(flood.plan().peak_memory));
  context.resources().take(flood.flood_bytes());
  if (!context.explaining()) flood.prepare();
  load(inputs, flood, context);
  context.begin_pass(flood.plan());
  if (!context.explaining()) {
    flood.compute();
    if (!options.markers)
      context.say(format_count(flood.marked()) + " basins deeper than " + format_rounded(flood.depth(), 6));
  }
  context.map(flood, {}, options.output);
}

void describe(ToolCard& card, Options& options) {
  card.name = "watershed";
  card.summary = "Labels flood the volume from markers: objects that touch are told apart";
  card.description = {
      "Intensities (kind intensity) are flooded as they are. Of a volume of kind mask or labels the negative "
      "Euclidean distance to the background is flooded (as vlabel distance gives it, in float32), inside the "
      "foreground: that splits objects at their necks. Say --kind mask when a file does not tell what it is.",
      "A voxel's turn is decided by its own value, lowest first, among equal values by the order in which "
      "they were reached; markers are reached first, in scan order. A voxel whose turn comes gives its label "
      "to all neighbours that have none: face neighbours first, then those across edges, then across "
      "corners, each in scan order. These are the rules of scikit-image's watershed. NaN comes last; -0 is "
      "0. There are no lines between basins; what no marker reaches, and what lies outside of --mask, is 0.",
      "Labels of --markers are kept, with their type. Without it the bottoms of basins that are deeper than "
      "--depth are marked, 1 to N in scan order: the regional minima of the volume raised by the depth and "
      "eroded down to itself (extended minima; maxima of the distance), with the connectivity given. Every "
      "connected part of the foreground or mask gets at least one.",
      "The volume and its labels stand in memory: 10 to 35 bytes for each voxel. --explain says how many; "
      "when --memory does not allow them the tool says so before it starts, with exit status 3."};
  card.memory = "holds the volume: 10 to 35 bytes per voxel";
  card.examples = {
      {"vlabel watershed --kind mask mask.tif objects.tif", "objects that touch, told apart"},
      {"vlabel watershed -n 26 --mask mask.tif scan.tif basins.tif", "basins of grey values inside a mask"}};
  card.input_output(options.input, options.output);
  card.params.value("markers", 0, "M", "Labels to start from, a volume of the same shape", options.markers);
  card.params
      .value("connectivity", 'n', "N", "Neighbours: across faces, edges, corners", options.connectivity)
      .one_of({"6", "18", "26"})
      .default_is("6");
  card.params.value("mask", 0, "M", "Flood only where this volume is not 0", options.mask);
  card.params
      .value("depth", 0, "H", "Depth of a basin that is marked, in the units of what is flooded",
             options.depth)
      .default_is("the smallest spacing for distances, 5 % of the range for intensities")
      .not_with({"markers"});
}

}  // namespace

void add_watershed(ToolCard& card) {
  const auto options = std::make_shared<Options>();
  describe(card, *options);
  card.run = [options](Context& context) { run(*options, context); };
}
