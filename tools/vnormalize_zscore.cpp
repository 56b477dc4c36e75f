// vnormalize zscore: the distance from the mean in standard deviations.
//   vnormalize zscore --mask inside.tif scan.tif z.tif
#include <limits>
#include <memory>
#include <optional>

#include "cli/context.h"
#include "core/error.h"
#include "core/numbers.h"
#include "ops/intensity/plane_stretch.h"
#include "ops/stats/moments.h"
#include "vnormalize.h"

namespace {

using namespace vox;

struct Options {
  std::string input = "-";
  std::string output = "-";
  std::optional<std::string> mask;
};

void describe(ToolCard& card, Options& options) {
  card.name = "zscore";
  card.summary = "Subtract the mean and divide by the standard deviation";
  card.description = {
      "(v - mean) / std in double precision, rounded once to float32. Mean and standard deviation (of the "
      "population) are those of the finite voxels, with --mask of those inside. NaN and infinities stay. "
      "Where all these voxels are equal, the deviation counts as 1, so that a constant volume becomes 0. A "
      "mask without a finite voxel inside is an error. The value map leads back to the original "
      "intensities."};
  card.memory = "two or three passes; a pipe is spooled";
  card.examples = {{"vnormalize zscore scan.tif z.tif", "over the whole volume"},
                   {"vnormalize zscore --mask mask.tif scan.tif z.tif", "by what lies inside a mask"}};
  card.input_output(options.input, options.output);
  card.params.value("mask", 0, "FILE", "take mean and deviation where this volume is not zero", options.mask)
      .path();
}

void run(const Options& options, Context& context) {
  const auto source = context.inputs().open_rereadable(options.input, options.output);
  const auto mask = context.inputs().open_mask(options.mask, source->meta(), "--mask");
  Moments moments = exact_moments(source->meta().dtype,
                                  [&](Reducer& reducer) { context.reduce(*source, reducer, mask.get()); });
  if (moments.count == 0) {
    if (mask && !context.explaining()) InputVolumes::fail_empty_mask(*options.mask);
    moments.mean = 0;
    moments.std = 1;
  }
  const double infinity = std::numeric_limits<double>::infinity();
  const double std = moments.std > 0 ? moments.std : 1;
  const PlaneStretch stretch({{-infinity, infinity, moments.mean, 1 / std}});
  context.map(*source, {&stretch}, options.output);
  if (!context.explaining())
    context.say("mean " + format_number(moments.mean) + ", standard deviation " + format_number(moments.std));
}

}  // namespace

void add_zscore(vox::ToolCard& card) {
  const auto options = std::make_shared<Options>();
  describe(card, *options);
  card.run = [options](vox::Context& context) { run(*options, context); };
}
