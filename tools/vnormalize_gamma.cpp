// vnormalize gamma: brightens or darkens the middle of the range. One pass for integers and given ranges.
//   vnormalize gamma 0.5 scan.tif bright.tif
#include <memory>
#include <optional>

#include "cli/context.h"
#include "core/error.h"
#include "core/numbers.h"
#include "ops/intensity/gamma.h"
#include "ops/stats/range.h"
#include "vnormalize.h"

namespace {

using namespace vox;

struct Options {
  std::string gamma;
  std::string input = "-";
  std::string output = "-";
  double gain = 1;
  std::optional<std::array<double, 2>> from;
};

void describe(ToolCard& card, Options& options) {
  card.name = "gamma";
  card.summary = "Raise intensities to a power";
  card.description = {
      "A * ((v - LO) / (HI - LO)) ^ G * (HI - LO) + LO in double precision, in the type of the input: half "
      "to even and saturating in integers. LO,HI: 0 and the largest value of an integer type, as "
      "scikit-image's adjust_gamma has it; the range of the data in floating types. What lies below LO, "
      "where there may be no power, becomes LO first (and is counted); above HI the formula goes on. A "
      "constant floating volume stays as it is. NaN stays NaN.",
      "The value map stays known with G = 1, a linear step; else there is none behind it."};
  card.memory =
      "streaming for integers, with --from or a range that the header knows; else two passes, and a "
      "pipe is spooled";
  card.examples = {{"vnormalize gamma 0.5 scan.tif bright.tif", "brighten dark structures"},
                   {"vnormalize gamma 2 --from 0,40000 scan.tif dark.tif", "within a range of one's own"}};
  card.positional("G", "the exponent, 0 or more", options.gamma);
  card.input_output(options.input, options.output);
  card.params.value("gain", 0, "A", "a factor behind the power", options.gain).default_is("1");
  card.params.value("from", 0, "LO,HI", "the range that keeps its ends", options.from)
      .default_is("of the type for integers, of the data for floating types");
}

double checked_exponent(const Options& options) {
  double exponent = 0;
  if (!try_parse(options.gamma, exponent) || !(exponent >= 0 && exponent <= 1e6))
    fail_usage("G: '" + options.gamma + "' is no exponent; give a number from 0 to 1000000");
  if (!(options.gain > 0 && options.gain <= 1e300)) fail_usage("--gain: give a number above 0");
  if (!options.from) return exponent;
  const auto [low, high] = *options.from;
  if (!(low < high && low >= -1e300 && high <= 1e300))
    fail_usage("--from: the lower end must be below the upper one");
  return exponent;
}

Range range_of(const Options& options, SlabSource& source, Context& context) {
  if (options.from) return {(*options.from)[0], (*options.from)[1]};
  if (!is_float(source.meta().dtype)) return Gamma::type_range(source.meta().dtype);
  if (source.meta().range) return *source.meta().range;
  RangeReducer reducer(source.meta().dtype);
  context.reduce(source, reducer);
  return reducer.range().value_or(Range{0, 0});
}

void run(const Options& options, Context& context) {
  const double exponent = checked_exponent(options);
  auto source = context.inputs().open(options.input);
  if (!options.from && is_float(source->meta().dtype) && !source->meta().range)
    source = context.inputs().rereadable(std::move(source), options.output);
  const Gamma gamma(source->meta().dtype, range_of(options, *source, context), exponent, options.gain);
  context.map(*source, {&gamma}, options.output);
  if (context.explaining()) return;
  if (const std::int64_t count = context.tally().clipped_low; count > 0)
    context.say(format_count(count) + " voxels below the range became its lower end; --from sets another");
  if (const std::int64_t count = context.tally().saturated; count > 0)
    context.say(format_count(count) + " voxels did not fit the type and became its end");
}

}  // namespace

void add_gamma(vox::ToolCard& card) {
  const auto options = std::make_shared<Options>();
  describe(card, *options);
  card.run = [options](vox::Context& context) { run(*options, context); };
}
