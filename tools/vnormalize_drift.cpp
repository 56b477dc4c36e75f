// vnormalize drift: one gain for each section, from a smoothed percentile of what is not 0.
//   vnormalize drift --factors drift.csv sections.tif even.tif
#include <algorithm>
#include <limits>
#include <memory>
#include <optional>

#include "cli/context.h"
#include "core/error.h"
#include "core/numbers.h"
#include "engine/section_percentiles.h"
#include "ops/intensity/plane_stretch.h"
#include "ops/intensity/section_gains.h"
#include "ops/stats/percentiles.h"
#include "vnormalize.h"
#include "vnormalize_factors.h"

namespace {

using namespace vox;

struct Options {
  std::string input = "-";
  std::string output = "-";
  std::optional<std::int64_t> sections;
  double percentile = 80;
  DriftSettings settings;
  std::optional<std::string> factors;
  std::optional<std::string> plot;
};

void describe(ToolCard& card, Options& options) {
  card.name = "drift";
  card.summary = "Even out brightness along z: one gain for each section";
  card.description = {
      "Of each section the percentile of its finite voxels above 0 is taken; a section with fewer than 500 "
      "of them is missing. These values are smoothed over the sections by a Gaussian (out to 4 sigma, ends "
      "reflected), weighted so that missing sections count for nothing; a missing section gets its value "
      "from its neighbours. Gain = median of the smoothed values above 0 / smoothed value, held between "
      "--min and --max; 1 where no section is near enough. All voxels of the section are multiplied, in "
      "double precision, and rounded once to float32. NaN and infinities stay.",
      "Sections are the planes, or --sections N of them with boundaries at i * planes / N, rounded half to "
      "even. --factors has the columns section, raw, smoothed, gain (raw is nan where missing); --report the "
      "same as lists. Gains differ from section to section, so there is no value map behind this step."};
  card.memory =
      "two passes where sections are planes that fit the memory, else up to five; a pipe is spooled";
  card.examples = {{"vnormalize drift scan.tif even.tif", "each plane a section"},
                   {"vnormalize drift --sections 4 --sigma 0 --percentile 50 scan.tif even.tif",
                    "four sections, as they are"}};
  card.input_output(options.input, options.output);
  card.params.value("sections", 0, "N", "how many sections along z", options.sections)
      .default_is("one for each plane");
  card.params.value("sigma", 0, "S", "of the Gaussian, in sections; 0: none", options.settings.sigma)
      .default_is("2");
  card.params.value("percentile", 0, "P", "what stands for a section", options.percentile).default_is("80");
  card.params.value("min", 0, "G", "the smallest gain", options.settings.least).default_is("0.5");
  card.params.value("max", 0, "G", "the largest gain", options.settings.most).default_is("2");
  card.params.value("factors", 0, "FILE.csv", "write what was found for each section", options.factors)
      .execution_only()
      .path();
  declare_plot(card.params, options.plot);
}

void check(const Options& options, Context& context) {
  check_percentiles({{options.percentile}}, "--percentile");
  check_profile_sigma(options.settings.sigma);
  if (options.sections && (*options.sections < 1 || *options.sections > 1'000'000))
    fail_usage("--sections: give a number from 1 to 1000000");
  if (!(options.settings.least > 0 && options.settings.least <= options.settings.most &&
        options.settings.most <= 1e300))
    fail_usage("--min, --max: gains are above 0, and the smallest must not exceed the largest");
  if (options.factors) context.check_new_file(*options.factors);
  check_plot(options.plot, context);
}

void say_result(const SectionGains& found, Context& context) {
  const auto [least, most] = std::minmax_element(found.gain.begin(), found.gain.end());
  context.say("gains from " + format_rounded(*least, 4) + " to " + format_rounded(*most, 4) + " for " +
              format_count(static_cast<std::int64_t>(found.gain.size())) + " sections");
  if (found.missing > 0)
    context.say(format_count(found.missing) + " sections have fewer than 500 voxels above 0");
}

void run(const Options& options, Context& context) {
  const auto source = context.inputs().open_rereadable(options.input, options.output);
  check(options, context);
  const std::int64_t planes = source->meta().shape.z;
  const std::vector<Interval> sections = even_sections(planes, options.sections.value_or(planes));
  SectionPercentiles percentiles({source.get()}, sections, {{options.percentile, true, false}},
                                 context.resources());
  context.first_pass(*source, percentiles);
  const SectionGains found = drift_gains(percentiles.of(0), options.settings);
  const double infinity = std::numeric_limits<double>::infinity();
  std::vector<Stretch> stretches(static_cast<std::size_t>(planes), {-infinity, infinity, 0, 1});
  for (std::size_t i = 0; i < sections.size(); ++i)
    for (std::int64_t z = sections[i].begin; z < sections[i].end; ++z)
      stretches[static_cast<std::size_t>(z)].factor = found.gain[i];
  const PlaneStretch stretch(std::move(stretches));
  context.map(*source, {&stretch}, options.output);
  if (context.explaining()) return;
  write_factors({"section", {{"raw", found.raw}, {"smoothed", found.smoothed}, {"gain", found.gain}}},
                options.factors, context);
  write_plot({source->info().name,
              "vnormalize drift",
              "section",
              {{"percentile above 0", {{"measured", found.raw}, {"smoothed", found.smoothed}}},
               {"gain", {{"gain", found.gain}}, 1}}},
             options.plot, context);
  say_result(found, context);
}

}  // namespace

void add_drift(vox::ToolCard& card) {
  const auto options = std::make_shared<Options>();
  describe(card, *options);
  card.run = [options](vox::Context& context) { run(*options, context); };
}
