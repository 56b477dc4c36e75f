// vclip: clips intensities to a range, between exact percentiles, or to mean +- K standard deviations; crops.
// Streaming with a given range; else the input is read twice, and a pipe is spooled.
//   vclip -p 0.5,99.5 scan.tif clipped.tif
#include <optional>

#include "cli/context.h"
#include "cli/tool.h"
#include "core/error.h"
#include "core/exact_number.h"
#include "core/numbers.h"
#include "ops/intensity/clamp.h"
#include "ops/stats/moments.h"
#include "ops/stats/percentiles.h"
#include "ops/stats/sample.h"

namespace {

using namespace vox;
using Pair = std::array<double, 2>;
using Limits = std::array<long double, 2>;  // which hold every 64-bit integer

struct Options {
  std::string input = "-";
  std::string output = "-";
  std::optional<Limits> range;
  std::optional<Pair> percentiles;
  std::optional<double> sigmas;
  bool approximate = false;
  std::optional<std::string> mask;
};

void describe(ToolCard& card, Options& options) {
  card.name = "vclip";
  card.summary = "Clip intensities to a range, between percentiles, or around the mean";
  card.description = {
      "Voxels below the lower limit become the limit, those above the upper one likewise; NaN stays. In "
      "integer types the limits round half to even. Percentiles are exact, as NumPy's `linear` method "
      "defines them, over finite voxels. With --roi and no limits it crops.",
      "Says the limits and the share of voxels clipped on either side."};
  card.memory = "streaming with -r; else two or more passes, and a pipe is spooled";
  card.examples = {{"vclip -p 0.5,99.5 scan.tif clipped.tif", "cut the darkest and the brightest voxels"},
                   {"vclip -r 0,40000 scan.tif - | vstats", "a given range, in a pipe"},
                   {"vclip --roi 2:10,:,: scan.tif crop.tif", "crop only"}};
  card.input_output(options.input, options.output);
  card.params
      .option("range", 'r', "LO,HI", "the limits",
              [&options](std::string_view text) { options.range = parse_exact_pair(text); })
      .not_with({"percentiles", "sigmas"});
  card.params
      .value("percentiles", 'p', "LO,HI", "limits at these percentiles of the voxels", options.percentiles)
      .not_with({"range", "sigmas"});
  card.params.value("sigmas", 's', "K", "limits at mean - K and mean + K standard deviations", options.sigmas)
      .not_with({"range", "percentiles"});
  card.params.flag("approx", 0, "take percentiles from every n-th voxel, 1,000,000 in all",
                   options.approximate);
  card.params
      .value("mask", 0, "FILE", "take percentiles or sigmas of voxels where this volume is not zero",
             options.mask)
      .path();
}

Limits limits_of(const Options& options, SlabSource& source, Context& context) {
  std::unique_ptr<SlabSource> mask;
  if (options.mask) mask = context.inputs().open_beside_rereadable(*options.mask, source.meta(), "--mask");
  const DType dtype = source.meta().dtype;
  const auto run_pass = [&](Reducer& reducer) { context.reduce(source, reducer, mask.get()); };
  if (options.sigmas) {
    const Moments moments = exact_moments(dtype, run_pass);
    return {moments.mean - *options.sigmas * moments.std, moments.mean + *options.sigmas * moments.std};
  }
  if (options.approximate) {
    if (mask) fail_usage("--approx does not go with --mask; leave one out");
    SampleReducer sample(dtype, source.meta().shape);
    run_pass(sample);
    const std::vector<double> values = sample.percentiles(*options.percentiles);
    return {values[0], values[1]};
  }
  const Percentiles exact = exact_percentiles(dtype, *options.percentiles, run_pass);
  if (!mask && exact.summary.count > 0) source.learn_range({exact.summary.min, exact.summary.max});
  const auto limit = [&](std::size_t i, double end, long double extreme) -> long double {
    return (*options.percentiles)[i] == end ? extreme : exact.values[i];  // of 64-bit integers all digits
  };
  return {limit(0, 0, exact.summary.exact_min), limit(1, 100, exact.summary.exact_max)};
}

void check(const Options& options) {
  if (options.mask && !options.percentiles && !options.sigmas)
    fail_usage("--mask needs --percentiles or --sigmas");
  if (options.approximate && !options.percentiles) fail_usage("--approx needs --percentiles");
  if (options.percentiles) check_percentiles(*options.percentiles, "--percentiles");
  if (options.sigmas && !(*options.sigmas >= 0)) fail_usage("--sigmas must not be negative");
}

void say_result(const Clamp& clamp, const VolumeMeta& meta, Context& context) {
  const auto share = [&](std::int64_t count) {
    return format_rounded(100.0 * static_cast<double>(count) / static_cast<double>(meta.voxel_count()), 4) +
           " %";
  };
  context.say("clipped to [" + format_exact(clamp.low()) + ", " + format_exact(clamp.high()) +
              "]: " + share(context.tally().clipped_low) + " of the voxels below, " +
              share(context.tally().clipped_high) + " above");
}

void run(const Options& options, Context& context) {
  check(options);
  if (!options.range && !options.percentiles && !options.sigmas) {
    if (!context.options().roi && !context.options().roi_world)
      fail_usage("nothing to do: give --range, --percentiles, --sigmas or --roi");
    const auto source = context.inputs().open(options.input);
    return context.map(*source, {}, options.output);
  }
  const auto source = options.range ? context.inputs().open(options.input)
                                    : context.inputs().open_rereadable(options.input, options.output);
  const Limits limits = options.range ? *options.range : limits_of(options, *source, context);
  if (limits[0] != limits[0]) {
    // No finite voxel, or a pass that was only planned: there is nothing to clip.
    if (options.mask && !context.explaining()) InputVolumes::fail_empty_mask(*options.mask);
    if (!context.explaining())
      context.say(source->info().name + ": has no finite voxels to take limits from");
    return context.map(*source, {}, options.output);
  }
  const Clamp clamp(source->meta().dtype, limits[0], limits[1]);
  context.map(*source, {&clamp}, options.output);
  if (!context.explaining()) say_result(clamp, source->meta(), context);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  ToolCard card;
  describe(card, options);
  card.run = [&options](Context& context) { run(options, context); };
  return tool_main(argc, argv, card);
}
