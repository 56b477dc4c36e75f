// vnormalize zprofile: moves the mean of each plane onto a smooth profile.
//   vnormalize zprofile --mask specimen.tif sections.tif even.tif
#include <algorithm>
#include <limits>
#include <memory>
#include <optional>

#include "cli/context.h"
#include "core/error.h"
#include "core/numbers.h"
#include "engine/beside_kernel.h"
#include "ops/intensity/plane_stretch.h"
#include "ops/intensity/section_gains.h"
#include "vnormalize.h"
#include "vnormalize_factors.h"

namespace {

using namespace vox;

struct Options {
  std::string input = "-";
  std::string output = "-";
  std::optional<std::string> mask;
  ProfileSettings settings;
  std::optional<std::string> factors;
  std::optional<std::string> plot;
};

void describe(ToolCard& card, Options& options) {
  card.name = "zprofile";
  card.summary = "Remove jitter from plane to plane: each plane's mean moves onto the smoothed profile";
  card.description = {
      "Of each plane the mean of the finite voxels inside the mask is taken; a plane with fewer than "
      "--min-voxels of them is left alone. The target is that profile, smoothed by a Gaussian (out to 4 "
      "sigma, ends reflected). Voxels inside the mask are multiplied by target / max(mean, 1e-6), in double "
      "precision, and rounded once to float32; those outside keep their values. Without --mask all voxels "
      "are inside. NaN and infinities stay. Sigma 0 changes nothing, nor do fewer than three valid planes.",
      "The profile is that of the valid planes, one beside the other as if those between were not there; "
      "with --by-distance neighbours weigh by their true distance, and the gaps count for nothing. --factors "
      "has the columns plane, voxels, mean, target, gain (nan where not known); --report the same as lists. "
      "Gains differ from plane to plane, so there is no value map behind this step."};
  card.memory = "two passes; a pipe is spooled";
  card.examples = {{"vnormalize zprofile --mask mask.tif scan.tif even.tif", "by what lies inside a mask"},
                   {"vnormalize zprofile --sigma 5 scan.tif even.tif", "by all voxels, smoother"}};
  card.input_output(options.input, options.output);
  card.params.value("mask", 0, "FILE", "measure and change only where this volume is not zero", options.mask)
      .path();
  card.params.value("sigma", 0, "S", "of the Gaussian, in planes; 0: change nothing", options.settings.sigma)
      .default_is("2");
  card.params
      .value("min-voxels", 0, "N", "planes with fewer inside are left alone", options.settings.least_voxels)
      .default_is("100");
  card.params.flag("by-distance", 0,
                   "let neighbours weigh by their distance across planes that are left alone",
                   options.settings.by_distance);
  card.params.value("factors", 0, "FILE.csv", "write what was found for each plane", options.factors)
      .execution_only()
      .path();
  declare_plot(card.params, options.plot);
}

void say_result(const ProfileGains& found, const Options& options, Context& context) {
  const auto planes = static_cast<std::int64_t>(found.gain.size());
  const auto [least, most] = std::minmax_element(found.gain.begin(), found.gain.end());
  if (found.valid < 3)
    context.say("only " + format_count(found.valid) + " planes have " +
                format_count(options.settings.least_voxels) + " voxels inside: nothing was changed");
  else
    context.say("gains from " + format_rounded(*least, 4) + " to " + format_rounded(*most, 4) + "; " +
                format_count(planes - found.valid) + " of " + format_count(planes) +
                " planes were left alone");
}

void run(const Options& options, Context& context) {
  check_profile_sigma(options.settings.sigma);
  if (options.settings.least_voxels < 0) fail_usage("--min-voxels must not be negative");
  const auto source = context.inputs().open_rereadable(options.input, options.output);
  if (options.factors) context.check_new_file(*options.factors);
  check_plot(options.plot, context);
  const auto mask = context.inputs().open_mask(options.mask, source->meta(), "--mask");
  PlaneMeans reducer(source->meta().shape.z);
  context.reduce(*source, reducer, mask.get());
  const std::vector<PlaneMean> means = reducer.means();
  const ProfileGains found = profile_gains(means, options.settings);
  const double infinity = std::numeric_limits<double>::infinity();
  std::vector<Stretch> stretches;
  for (const double gain : found.gain) stretches.push_back({-infinity, infinity, 0, gain});
  const PlaneStretch everywhere(std::move(stretches));
  std::optional<BesideKernel> inside;
  if (mask) inside.emplace(everywhere, *mask);
  const Kernel* const kernel = inside ? static_cast<const Kernel*>(&*inside) : &everywhere;
  context.map(*source, {kernel}, options.output);
  if (context.explaining()) return;
  std::vector<double> voxels;
  voxels.reserve(means.size());
  for (const PlaneMean& plane : means) voxels.push_back(static_cast<double>(plane.count));
  write_factors(
      {"plane", {{"voxels", voxels}, {"mean", found.mean}, {"target", found.target}, {"gain", found.gain}}},
      options.factors, context);
  write_plot(
      {source->info().name,
       "vnormalize zprofile",
       "plane",
       {{"mean", {{"measured", found.mean}, {"target", found.target}}}, {"gain", {{"gain", found.gain}}, 1}}},
      options.plot, context);
  say_result(found, options, context);
}

}  // namespace

void add_zprofile(vox::ToolCard& card) {
  const auto options = std::make_shared<Options>();
  describe(card, *options);
  card.run = [options](vox::Context& context) { run(*options, context); };
}
