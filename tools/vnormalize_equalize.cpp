// vnormalize equalize: makes all intensities equally frequent.
//   vnormalize equalize -t uint8 scan.tif flat.tif
#include <memory>
#include <optional>

#include "cli/context.h"
#include "core/error.h"
#include "core/numbers.h"
#include "ops/intensity/equalize.h"
#include "ops/intensity/rescale.h"
#include "vnormalize.h"

namespace {

using namespace vox;

struct Options {
  std::string input = "-";
  std::string output = "-";
  std::optional<DType> dtype;
  std::int64_t bins = 256;
  std::optional<std::string> mask;
};

void describe(ToolCard& card, Options& options) {
  card.name = "equalize";
  card.summary = "Make all intensities equally frequent: histogram equalisation";
  card.description = {
      "Each voxel becomes the share of the finite voxels (with --mask of those inside) that are not "
      "brighter: the cumulative histogram, with one bin for each value of integer types up to 16 bits, else "
      "with bins of equal width between whose centres it is interpolated, as scikit-image's equalize_hist "
      "does. The mask chooses the voxels that are counted; all are changed.",
      "The result is float32 from 0 to 1; with -t an integer type that range is stretched to all of the "
      "type, rounded half to even. Infinities end at the ends; NaN stays NaN, in integers it becomes 0 (and "
      "is counted). A constant volume becomes 1 in integer types up to 16 bits, 0.5 in all others. A mask "
      "without a finite voxel inside is an error. There is no value map behind this step."};
  card.memory = "two or three passes; a pipe is spooled";
  card.examples = {{"vnormalize equalize scan.tif flat.tif", "float32 from 0 to 1"},
                   {"vnormalize equalize -t uint8 --mask mask.tif scan.tif flat.tif",
                    "8 bits, by what lies inside a mask"}};
  card.input_output(options.input, options.output);
  card.params.value("dtype", 't', "T", "voxel type of the output", options.dtype).default_is("float32");
  card.params.value("bins", 'b', "N", "bins for types wider than 16 bits and floating ones", options.bins)
      .default_is("256");
  card.params.value("mask", 0, "FILE", "count only voxels where this volume is not zero", options.mask)
      .path();
}

void run(const Options& options, Context& context) {
  if (options.bins < 1 || options.bins > 1'000'000) fail_usage("--bins: give a number from 1 to 1000000");
  const auto source = context.inputs().open_rereadable(options.input, options.output);
  const auto mask = context.inputs().open_mask(options.mask, source->meta(), "--mask");
  const DType from = source->meta().dtype;
  const DType to = options.dtype.value_or(DType::float32);
  Equalization found = equalizing_curve(from, options.bins, full_range(to), [&](Reducer& reducer) {
    context.reduce(*source, reducer, mask.get());
  });
  if (mask && found.summary.count == 0 && !context.explaining()) InputVolumes::fail_empty_mask(*options.mask);
  const CurveMap equalized(from, to, std::move(found.curve));
  context.map(*source, {&equalized}, options.output);
  if (context.explaining()) return;
  context.say("[" + format_number(found.summary.min) + ", " + format_number(found.summary.max) +
              "] equalized over " + format_count(found.summary.count) + " voxels");
  if (context.tally().nan > 0) context.say(format_count(context.tally().nan) + " NaN became 0");
}

}  // namespace

void add_equalize(vox::ToolCard& card) {
  const auto options = std::make_shared<Options>();
  describe(card, *options);
  card.run = [options](vox::Context& context) { run(*options, context); };
}
