// vnormalize match: gives a volume, or each of its sections, the histogram of a reference.
//   vnormalize match --reference first_scan.tif second_scan.tif like_first.tif
#include <memory>
#include <optional>

#include "cli/context.h"
#include "core/error.h"
#include "core/numbers.h"
#include "engine/section_counts.h"
#include "engine/section_percentiles.h"
#include "ops/intensity/curve_map.h"
#include "ops/intensity/histogram_match.h"
#include "vnormalize.h"

namespace {

using namespace vox;

struct Options {
  std::string input = "-";
  std::string output = "-";
  std::optional<std::string> reference;
  std::optional<std::int64_t> sections;
  std::int64_t bins = 512;
  double background = 0;
  std::optional<DType> dtype;
};

void describe(ToolCard& card, Options& options) {
  card.name = "match";
  card.summary = "Match histograms: a volume to another one, or each section to the whole volume";
  card.description = {
      "Finite voxels above T, the --background, are counted in bins of equal width: from T + max(1e-6, 1e-6 "
      "T) to 1 "
      "for a volume within [0, 1], else from its smallest value above T to its largest (which of them is "
      "said). "
      "The centres of the bins go through the cumulative distribution of the section to the same place of "
      "the "
      "reference's, and to its value there, by linear interpolation as numpy.interp has it; voxels by linear "
      "interpolation between the centres. Voxels up to T stay, as do NaN; an infinity ends at the end.",
      "With --reference the whole input is matched to that volume, of any shape and type (--roi is of the "
      "input "
      "alone); without it each of N sections of planes (by default each plane), with boundaries at i * "
      "planes / N "
      "rounded half to even, to the whole input. Sections and volumes with fewer than 500 voxels above T are "
      "left "
      "alone. The type is the input's unless -t says otherwise: half to even, saturating. There is no value "
      "map "
      "behind this step."};
  card.memory = "two or three passes, with 8 bytes for each bin and section; a pipe is spooled";
  card.examples = {
      {"vnormalize match scan.tif even.tif", "each plane to the whole volume"},
      {"vconvert scan.tif other.tif && vnormalize match --reference other.tif scan.tif like_other.tif",
       "to another volume"}};
  card.input_output(options.input, options.output);
  card.params.value("reference", 0, "FILE", "match the whole input to this volume", options.reference)
      .not_with({"sections"})
      .path();
  card.params.value("sections", 0, "N", "match each of N sections along z to the whole", options.sections)
      .default_is("one for each plane")
      .not_with({"reference"});
  card.params.value("bins", 'b', "N", "bins of the histograms", options.bins).default_is("512");
  card.params.value("background", 0, "T", "voxels up to this value stay", options.background).default_is("0");
  card.params.value("dtype", 't', "T", "voxel type of the output", options.dtype).default_is("the input's");
}

void check(const Options& options) {
  if (options.bins < 1 || options.bins > 65536) fail_usage("--bins: give a number from 1 to 65536");
  if (options.sections && (*options.sections < 1 || *options.sections > 1'000'000))
    fail_usage("--sections: give a number from 1 to 1000000");
  if (!(options.background >= -1e300 && options.background <= 1e300))
    fail_usage("--background: give a finite number");
}

/// Where the histograms of a volume lie; a pass over it unless its range says so.
SectionBins bins_of(SlabSource& source, const Options& options, Context& context) {
  const std::optional<Range> known = source.meta().range;
  MatchBins result;
  if (known && unit_range(known->low, known->high)) {
    result = match_bins(known->low, known->high, 0, options.background, options.bins);
  } else {
    RangeAbove ends(source.meta().dtype, options.background);
    context.reduce(source, ends);
    result = match_bins(ends.low(), ends.high(), ends.low_above(), options.background, options.bins);
  }
  if (!context.explaining())
    context.say(source.info().name + ": histograms from " + format_number(result.bins.low) + " to " +
                format_number(result.bins.high) +
                (result.unit ? ", as all lies within [0, 1]"
                             : ", the smallest value above " + format_number(options.background) +
                                   " and the largest"));
  return result.bins;
}

/// One pass over a volume.
void count(SlabSource& source, std::span<const Interval> sections, const SectionBins& bins, Context& context,
           const TakeCounts& take) {
  if (context.begin_pass(plan_section_counts(source, sections, bins, context.resources())))
    section_counts(source, sections, bins, context.resources(), take);
}

/// Distributions of the sections on their way to curves.
struct Matching {
  Curves curves;
  std::int64_t left_alone = 0;
  std::vector<std::int64_t> all;  ///< counts of the whole volume
  std::int64_t above = 0;
};

Matching distributions_of(SlabSource& source, std::span<const Interval> sections, const Options& options,
                          Context& context) {
  const SectionBins bins = bins_of(source, options, context);
  const std::int64_t bytes = static_cast<std::int64_t>(sections.size()) * bins.bins * 8;
  if (bytes > context.resources().memory / 2)
    fail_memory("needs " + format_bytes(2 * bytes) + " for the curves of " +
                format_count(static_cast<std::int64_t>(sections.size())) + " sections, --memory allows " +
                format_bytes(context.resources().memory) + "; use fewer --sections or --bins");
  context.resources().memory -= bytes;
  Matching matching;
  matching.curves.step = (bins.high - bins.low) / static_cast<double>(bins.bins);
  matching.curves.first = bins.low + matching.curves.step / 2;
  matching.curves.knots = bins.bins;
  matching.curves.stays_up_to = options.background;
  matching.curves.curve_of_plane.assign(static_cast<std::size_t>(source.meta().shape.z), -1);
  matching.all.resize(static_cast<std::size_t>(bins.bins));
  const auto take = [&](std::size_t section, std::span<const std::int64_t> counts, std::int64_t above) {
    std::int64_t total = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      matching.all[i] += counts[i];
      total += counts[i];
    }
    matching.above += above;
    if (above < kLeastMatched || total == 0) {
      ++matching.left_alone;
      return;
    }
    std::vector<double>& values = matching.curves.values;
    const std::size_t place = values.size();
    values.resize(place + counts.size());
    cumulate(counts, std::span(values).subspan(place));
    for (std::int64_t z = sections[section].begin; z < sections[section].end; ++z)
      matching.curves.curve_of_plane[static_cast<std::size_t>(z)] =
          static_cast<std::int32_t>(place / counts.size());
  };
  matching.curves.values.reserve(sections.size() * static_cast<std::size_t>(bins.bins));
  count(source, sections, bins, context, take);
  return matching;
}

/// None when the reference has too few voxels.
std::optional<MatchReference> reference_of(const Options& options, Context& context) {
  const auto reference = context.open_reference(*options.reference, "--reference");
  const SectionBins bins = bins_of(*reference, options, context);
  const Interval all{0, reference->meta().shape.z};
  std::optional<MatchReference> result;
  count(*reference, {&all, 1}, bins, context,
        [&](std::size_t, std::span<const std::int64_t> counts, std::int64_t above) {
          if (above >= kLeastMatched) result = match_reference(counts, bins);
        });
  return result;
}

void say_result(const Matching& matching, std::size_t sections, const Options& options, Context& context) {
  context.add_to_report("left_alone", std::to_string(matching.left_alone));
  if (matching.left_alone > 0)
    context.say(format_count(matching.left_alone) + " of " +
                format_count(static_cast<std::int64_t>(sections)) +
                " sections have fewer than 500 voxels above " + format_number(options.background) +
                " and are left alone");
}

void run(const Options& options, Context& context) {
  check(options);
  const auto source = context.open_input_rereadable(options.input, options.output);
  context.check_new(options.output);
  const DType dtype = source->meta().dtype;
  const std::int64_t planes = source->meta().shape.z;
  const std::vector<Interval> sections =
      even_sections(planes, options.reference ? 1 : options.sections.value_or(planes));
  Matching matching = distributions_of(*source, sections, options, context);
  Curves& curves = matching.curves;
  std::optional<MatchReference> reference;
  if (options.reference)
    reference = reference_of(options, context);
  else if (matching.above >= kLeastMatched && !curves.values.empty())
    reference = match_reference(
        matching.all, {options.background, curves.first - curves.step / 2,
                       curves.first + curves.step * (static_cast<double>(curves.knots) - 0.5), curves.knots});
  if (reference)
    match(curves.values, *reference);
  else
    curves.curve_of_plane.assign(static_cast<std::size_t>(planes), -1);
  if (!reference && options.reference && !context.explaining())
    context.say("--reference " + *options.reference +
                ": has fewer than 500 voxels above the background; nothing was changed");
  if (sections.size() == 1 && curves.curve_of_plane.front() == 0) curves.curve_of_plane.clear();
  const CurveMap matched(dtype, options.dtype.value_or(dtype), std::move(curves));
  context.map(*source, {&matched}, options.output);
  if (!context.explaining()) say_result(matching, sections.size(), options, context);
}

}  // namespace

void add_match(vox::ToolCard& card) {
  const auto options = std::make_shared<Options>();
  describe(card, *options);
  card.run = [options](vox::Context& context) { run(*options, context); };
}
