// vnormalize match: gives a volume, or each of its sections, the histogram of a reference.
//   vnormalize match --reference first_scan.tif second_scan.tif like_first.tif
#include <memory>
#include <optional>

#include "cli/context.h"
#include "core/error.h"
#include "core/numbers.h"
#include "engine/block_plan.h"
#include "engine/section_counts.h"
#include "engine/section_percentiles.h"
#include "ops/intensity/curve_map.h"
#include "ops/intensity/histogram_match.h"
#include "ops/stats/range_above.h"
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
      "T) to 1 for a volume within [0, 1], else from its smallest value above T to its largest (which of "
      "them is said). The centres of the bins go through the cumulative distribution of the section to the "
      "same place of the reference's, and to its value there, by linear interpolation as numpy.interp has "
      "it; voxels by linear interpolation between the centres. Voxels up to T stay, as do NaN; an infinity "
      "ends at the end.",
      "With --reference the whole input is matched to that volume, of any shape and type (--roi is of the "
      "input alone); without it each of N sections of planes (by default each plane), with boundaries at i * "
      "planes / N rounded half to even, to the whole input. Sections and volumes with fewer than 500 voxels "
      "above T are left alone. The type is the input's unless -t says otherwise: half to even, saturating. "
      "There is no value map behind this step."};
  card.memory = "two or three passes, with 16 bytes for each bin and section; a pipe is spooled";
  card.examples = {{"vnormalize match scan.tif even.tif", "each plane to the whole volume"},
                   {"vnormalize match --reference scan.raw scan.tif like_raw.tif", "to another volume"}};
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

SectionMatching count_sections(SlabSource& source, std::span<const Interval> sections, const Options& options,
                               Context& context) {
  const SectionBins bins = bins_of(source, options, context);
  // The curves, and the counts that become curves.
  const std::int64_t bytes = 2 * SectionMatching::bytes(sections.size(), bins.bins);
  const std::int64_t allowed = context.resources().memory;
  if (bytes > allowed / 2)
    fail_memory("needs " + format_bytes(2 * bytes) + " for the curves of the sections" +
                memory_remedy(2 * bytes, allowed, context.resources().taken) +
                ", fewer --sections or fewer --bins");
  context.resources().take(bytes);
  SectionCounts counted(source, {sections.begin(), sections.end()}, bins, context.resources());
  context.first_pass(source, counted);
  SectionMatching matching(source.meta().shape.z, sections, bins);
  counted.for_each([&](std::size_t section, std::span<const std::int64_t> counts, std::int64_t above) {
    matching.take(section, counts, above);
  });
  return matching;
}

/// None when the reference has too few voxels.
std::optional<MatchReference> reference_of(SlabSource& source, const Options& options, Context& context) {
  const Interval all{0, source.meta().shape.z};
  const SectionMatching found = count_sections(source, {&all, 1}, options, context);
  std::optional<MatchReference> reference = found.whole();
  if (!reference && !context.explaining())
    context.say(source.info().name + ": has fewer than 500 voxels above the background; nothing was changed");
  return reference;
}

void run(const Options& options, Context& context) {
  check(options);
  const auto source = context.inputs().open_rereadable(options.input, options.output);
  const auto other =
      options.reference ? context.inputs().open_reference(*options.reference, "--reference") : nullptr;
  const DType dtype = source->meta().dtype;
  const std::int64_t planes = source->meta().shape.z;
  const std::vector<Interval> sections =
      even_sections(planes, options.reference ? 1 : options.sections.value_or(planes));
  SectionMatching matching = count_sections(*source, sections, options, context);
  const auto reference = other ? reference_of(*other, options, context) : matching.whole();
  const CurveMap matched(dtype, options.dtype.value_or(dtype), matching.matched(reference));
  context.map(*source, {&matched}, options.output);
  if (context.explaining()) return;
  const std::int64_t alone = matching.left_alone();
  context.add_to_report("left_alone", std::to_string(alone));
  if (alone > 0) context.say(format_count(alone) + " sections have fewer than 500 voxels to match");
}

}  // namespace

void add_match(vox::ToolCard& card) {
  const auto options = std::make_shared<Options>();
  describe(card, *options);
  card.run = [options](vox::Context& context) { run(*options, context); };
}
