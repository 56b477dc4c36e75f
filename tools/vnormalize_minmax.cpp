// vnormalize minmax: stretches a range of intensities. Streaming when the range is given or known from the
// header; else the input is read twice, and a pipe is spooled.
//   vclip -p 1,99 scan.tif | vnormalize minmax -t uint8 - scan_u8.tif
#include <cmath>
#include <memory>
#include <optional>

#include "cli/context.h"
#include "core/error.h"
#include "core/numbers.h"
#include "ops/intensity/rescale.h"
#include "ops/stats/percentiles.h"
#include "ops/stats/range.h"
#include "vnormalize.h"

namespace {

using namespace vox;
using Pair = std::array<double, 2>;

struct Options {
  std::string input = "-";
  std::string output = "-";
  std::optional<DType> dtype;
  std::optional<Pair> from;
  std::optional<Pair> percentiles;
  std::optional<Pair> to;
};

void describe(ToolCard& card, Options& options) {
  card.name = "minmax";
  card.summary = "Stretch a range of intensities to the full range of a type";
  card.description = {
      "The range of the data, a given one, or that between two exact percentiles becomes the full range of "
      "an integer type, [0, 1] of a floating one, or --to. Computed in double precision as (v - lo) / (hi - "
      "lo) * (b - a) + a, rounded half to even; what lies outside ends at the ends, also infinities. A "
      "constant volume becomes 0. NaN stays NaN, in integers it becomes 0. The value map in the metadata "
      "leads back to the original intensities."};
  card.memory =
      "streaming with --from or when the header knows the range; else two or more passes, and a pipe is "
      "spooled";
  card.examples = {
      {"vnormalize minmax -t uint8 scan.tif scan_u8.tif", "16 to 8 bits over the whole volume's range"},
      {"vnormalize minmax -t uint8 -p 1,99 scan.tif scan_p.tif", "between percentiles"},
      {"vnormalize minmax --from 0,1000 --to -1,1 -t float32 scan.tif scaled.raw", "given ranges, one pass"}};
  card.input_output(options.input, options.output);
  card.params.value("dtype", 't', "T", "voxel type of the output", options.dtype).default_is("the input's");
  card.params.value("from", 0, "LO,HI", "the range to stretch", options.from)
      .default_is("that of the data")
      .not_with({"percentiles"});
  card.params
      .value("percentiles", 'p', "LO,HI", "the range between these percentiles of the data",
             options.percentiles)
      .not_with({"from"});
  card.params.value("to", 0, "LO,HI", "the range to stretch it to", options.to)
      .default_is("all of an integer type, 0,1 of a floating one");
}

Range range_of(const Options& options, SlabSource& source, Context& context) {
  if (options.from) {
    if (!((*options.from)[0] <= (*options.from)[1]))
      fail_usage("--from: the lower end must not exceed the upper one");
    if (!std::isfinite((*options.from)[1] - (*options.from)[0]))
      fail_usage("--from: the range must be finite, and so must its width");
    return {(*options.from)[0], (*options.from)[1]};
  }
  if (options.percentiles) {
    check_percentiles(*options.percentiles, "--percentiles");
    const auto run_pass = [&](Reducer& reducer) { context.reduce(source, reducer); };
    const Percentiles exact = exact_percentiles(source.meta().dtype, *options.percentiles, run_pass);
    if (exact.summary.count == 0) return {0, 0};
    source.learn_range({exact.summary.min, exact.summary.max});
    if (exact.values[0] > exact.values[1])
      fail_usage("--percentiles: the lower one must not exceed the upper one");
    return {exact.values[0], exact.values[1]};
  }
  if (source.meta().range) return *source.meta().range;
  RangeReducer reducer(source.meta().dtype);
  context.reduce(source, reducer);
  if (reducer.range()) source.learn_range(*reducer.range());
  return reducer.range().value_or(Range{0, 0});
}

bool needs_a_pass(const Options& options, const VolumeMeta& meta) {
  return !options.from && (options.percentiles || !meta.range);
}

void run(const Options& options, Context& context) {
  auto source = context.inputs().open(options.input);
  if (needs_a_pass(options, source->meta()))
    source = context.inputs().rereadable(std::move(source), options.output);
  const DType dtype = options.dtype.value_or(source->meta().dtype);
  const Range from = range_of(options, *source, context);
  const Range to = options.to ? Range{(*options.to)[0], (*options.to)[1]} : full_range(dtype);
  const Rescale rescale(source->meta().dtype, dtype, from, to);
  context.map(*source, {&rescale}, options.output);
  if (context.explaining()) return;
  context.say("[" + format_number(from.low) + ", " + format_number(from.high) + "] became [" +
              format_number(to.low) + ", " + format_number(to.high) + "] of " +
              std::string(dtype_name(dtype)));
  if (context.tally().nan > 0) context.say(format_count(context.tally().nan) + " NaN became 0");
}

}  // namespace

void add_minmax(vox::ToolCard& card) {
  const auto options = std::make_shared<Options>();
  describe(card, *options);
  card.run = [options](vox::Context& context) { run(*options, context); };
}
