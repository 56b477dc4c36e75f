// vnormalize background-mask: a plane that shows where there is nothing but background.
//   vnormalize background-mask scan.tif agarose.tif
#include <memory>

#include "cli/context.h"
#include "core/numbers.h"
#include "ops/intensity/section_gains.h"
#include "vnormalize.h"
#include "vnormalize_find_background.h"

namespace {

using namespace vox;

struct Options {
  std::string input = "-";
  std::string output = "-";
  double sigma = 1;
};

void describe(ToolCard& card, Options& options) {
  card.name = "background-mask";
  card.summary = "Find the places of the plane that show background in all planes, such as agarose";
  card.description = {
      "The mean along z of the finite voxels (0 where there are none) is smoothed by a Gaussian (out to 4 "
      "sigma, borders reflected). Otsu's threshold is taken over the smoothed values of the places whose "
      "mean is above 0, as scikit-image's threshold_otsu with 256 bins. Background is where the mean is "
      "above 0 and its smoothed value below the threshold: 1 in a mask of one plane. A constant volume and "
      "one without a positive mean have none; this is said.",
  };
  card.memory =
      "one pass, two for floating types whose range is not known (a pipe is then spooled); some planes "
      "of 8 bytes for each place";
  card.examples = {
      {"vnormalize background-mask scan.tif agarose.tif", "to look at, and for background --mask"}};
  card.input_output(options.input, options.output);
  card.params.value("sigma", 0, "S", "of the Gaussian, in voxels; 0: none", options.sigma).default_is("1");
}

void run(const Options& options, Context& context) {
  check_profile_sigma(options.sigma);
  const auto source = context.inputs().open_rereadable(options.input, options.output);
  const BackgroundMask mask = background_of(*source, options.sigma, context);
  const auto plane = mask_source(mask, source->meta(), 1);
  context.map(*plane, {}, options.output);
  if (context.explaining()) return;
  context.say(format_count(mask.places) + " of " + format_count(plane->meta().voxel_count()) +
              " places are background, below a smoothed mean of " + format_number(mask.threshold));
}

}  // namespace

void add_background_mask(vox::ToolCard& card) {
  const auto options = std::make_shared<Options>();
  describe(card, *options);
  card.run = [options](vox::Context& context) { run(*options, context); };
}
