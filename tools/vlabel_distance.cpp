// vlabel distance: how far every foreground voxel is from the background.
//   vfilter threshold --otsu scan.tif - | vlabel distance - distance.tif
#include <memory>

#include "cli/context.h"
#include "engine/distance_source.h"
#include "vlabel.h"

namespace {

using namespace vox;

struct Options {
  std::string input = "-";
  std::string output = "-";
};

void run(const Options& options, Context& context) {
  const auto source = context.inputs().open(options.input);
  context.inputs().scratch_beside(options.output);
  DistanceSource distances(source->meta(), source->info().name, context.resources());
  context.resources().take(distances.plan().peak_memory);
  context.reduce(*source, distances.foreground());
  context.begin_pass(distances.plan());
  if (!context.explaining() && distances.foreground().foreground() == source->meta().voxel_count())
    context.say(source->info().name + ": has no background; every distance is infinite");
  context.map(distances, {}, options.output);
}

void describe(ToolCard& card, Options& options) {
  card.name = "distance";
  card.summary = "Exact Euclidean distance of every foreground voxel to the background";
  card.description = {
      "Foreground is what is not zero (NaN is foreground). Each of its voxels gets the distance from its "
      "centre to the centre of the nearest background voxel, in the unit of the spacing (in voxels where the "
      "volume has no spacing), background gets 0. What lies outside of the volume is no background. Where "
      "the spacings are whole multiples of a common unit, squared distances are integers, else double "
      "precision; the result is float32, rounded to nearest, as scipy.ndimage.distance_transform_edt with "
      "the sampling gives it. In a volume without any background every distance is infinite.",
      "The volume is read once, also from a pipe. One bit for each voxel is kept, in memory or, when that "
      "is not enough, in a file in --tmpdir."};
  card.memory = "one bit per voxel, in memory or in a file, and at least five planes of 4 bytes per voxel";
  card.examples = {{"vlabel distance mask.tif distance.tif", "how thick things are"},
                   {"vfilter threshold --otsu scan.tif - | vlabel distance --spacing 0.65um - distance.nrrd",
                    "in micrometers"}};
  card.input_output(options.input, options.output);
}

}  // namespace

void add_distance(ToolCard& card) {
  const auto options = std::make_shared<Options>();
  describe(card, *options);
  card.run = [options](Context& context) { run(*options, context); };
}
