// vnormalize background: subtracts the background of each plane; relative brightness is kept.
//   vnormalize background --thresholds floors.csv sections.tif clean.tif
#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

#include "cli/context.h"
#include "core/error.h"
#include "core/json_text.h"
#include "core/numbers.h"
#include "engine/section_percentiles.h"
#include "ops/intensity/plane_floors.h"
#include "ops/intensity/plane_stretch.h"
#include "ops/intensity/section_gains.h"
#include "ops/stats/percentiles.h"
#include "vnormalize.h"
#include "vnormalize_factors.h"
#include "vnormalize_find_background.h"

namespace {

using namespace vox;

struct Options {
  std::string input = "-";
  std::string output = "-";
  std::optional<std::string> mask;
  std::optional<double> sigma;
  double percentile = 99.9;
  std::optional<std::string> mask_out;
  std::optional<std::string> thresholds;
  std::optional<std::string> plot;
};

void describe(ToolCard& card, Options& options) {
  card.name = "background";
  card.summary = "Subtract each plane's background and scale all planes alike";
  card.description = {
      "Of each plane, floor = the median of the finite voxels inside the background mask, cap = a percentile "
      "of all its finite voxels. Voxels are clipped to [floor, cap], the floor is subtracted, and everything "
      "is divided by the largest cap - floor of all planes, so that relative brightness between planes is "
      "kept: float32 from 0 to 1, background exactly 0. The mask is given (--mask, one plane or the whole "
      "volume) or found, as background-mask does.",
      "A plane without a finite voxel inside the mask takes its floor from the planes around it, "
      "interpolated along z; that no plane has one is an error. NaN stays NaN, infinities end at the ends. A "
      "cap below the floor counts as the floor, and where no cap is above its floor (a constant volume) all "
      "becomes 0. --thresholds has the columns plane, floor, cap; --report the same as lists, and the "
      "divisor as scale. There is no value map behind this step."};
  card.memory = "three or four passes, more where planes do not fit the memory; a pipe is spooled";
  card.examples = {{"vnormalize background scan.tif clean.tif", "with a mask that is found"},
                   {"vnormalize background --mask mask.tif --percentile 99 scan.tif clean.tif",
                    "with a mask that is given"}};
  card.input_output(options.input, options.output);
  card.params.value("mask", 0, "FILE", "background is where this volume is not zero", options.mask)
      .not_with({"sigma", "mask-out"})
      .path();
  card.params.value("sigma", 0, "S", "of the Gaussian when the mask is found, in voxels", options.sigma)
      .default_is("1")
      .not_with({"mask"});
  card.params.value("percentile", 0, "P", "the cap of each plane", options.percentile).default_is("99.9");
  card.params.value("mask-out", 0, "FILE", "write the mask that was found", options.mask_out)
      .execution_only()
      .path();
  card.params.value("thresholds", 0, "FILE.csv", "write the floor of each plane", options.thresholds)
      .execution_only()
      .path();
  declare_plot(card.params, options.plot);
}

void check(const Options& options, Context& context) {
  check_percentiles({{options.percentile}}, "--percentile");
  check_profile_sigma(options.sigma.value_or(1));
  if (options.thresholds) context.check_new_file(*options.thresholds);
  check_plot(options.plot, context);
  if (!options.mask_out) return;
  if (*options.mask_out == "-") fail_usage("--mask-out: name a file");
  context.check_new(*options.mask_out);
}

PlaneFloors floors_of(const Options& options, SlabSource& source, SlabSource& mask, Context& context) {
  const std::int64_t planes = source.meta().shape.z;
  SectionPercentiles found({&source, &mask}, even_sections(planes, planes),
                           {{50, false, true}, {options.percentile, false, false}}, context.resources());
  context.first_pass(source, found);
  if (context.explaining()) {
    const std::vector<double> nothing(static_cast<std::size_t>(planes));
    return {nothing, nothing, 1, 0};
  }
  return plane_floors(found.of(0), found.of(1));
}

void run(const Options& options, Context& context) {
  const auto source = context.inputs().open_rereadable(options.input, options.output);
  check(options, context);
  BackgroundMask found;
  std::unique_ptr<SlabSource> mask;
  if (options.mask) {
    mask = context.inputs().open_mask(options.mask, source->meta(), "--mask");
  } else {
    found = background_of(*source, options.sigma.value_or(1), context);
    mask = mask_source(found, source->meta(), source->meta().shape.z);
  }
  const PlaneFloors floors = floors_of(options, *source, *mask, context);
  if (floors.without_background == static_cast<std::int64_t>(floors.floor.size())) {
    if (options.mask) InputVolumes::fail_empty_mask(*options.mask);
    fail(source->info().name + ": no background was found; give a --mask");
  }
  const PlaneStretch stretch(stretches_of(floors));
  context.map(*source, {&stretch}, options.output);
  if (options.mask_out) context.map(*mask_source(found, source->meta(), 1), {}, *options.mask_out);
  if (context.explaining()) return;
  write_factors({"plane", {{"floor", floors.floor}, {"cap", floors.cap}}}, options.thresholds, context);
  write_plot({source->info().name,
              "vnormalize background",
              "plane",
              {{"intensity", {{"floor", floors.floor}, {"cap", floors.cap}}}}},
             options.plot, context);
  context.add_to_report("scale", json_text(floors.scale));
  const auto [least, most] = std::minmax_element(floors.floor.begin(), floors.floor.end());
  context.say("background from " + format_rounded(*least, 6) + " to " + format_rounded(*most, 6) +
              ", divided by " + format_rounded(floors.scale, 6));
  if (floors.without_background > 0)
    context.say(format_count(floors.without_background) +
                " planes show no background; theirs comes from the planes around them");
}

}  // namespace

void add_background(vox::ToolCard& card) {
  const auto options = std::make_shared<Options>();
  describe(card, *options);
  card.run = [options](vox::Context& context) { run(*options, context); };
}
