// What users see of vstats.
#include "vstats.h"

using namespace vox;

namespace {

void describe_parts(Params& params, StatisticsOptions& options) {
  params
      .value("output", 'o', "FILE", "write there instead of standard output, replacing an existing file",
             options.output)
      .execution_only()
      .path();
  options.parts.declare(params, "the statistics");
}

}  // namespace

void describe_statistics(ToolCard& card, StatisticsOptions& options) {
  card.name = "vstats";
  card.summary = "Measure intensities: exact moments, percentiles, histogram, threshold";
  card.description = {
      "Over finite voxels; NaN and infinities are counted. Count, min, max, mean, standard deviation "
      "(population), sum, median, percentiles (NumPy's `linear`, exact, interpolated in double precision), a "
      "histogram of equal-width bins from min to max (as numpy.histogram), its entropy in bits, and Otsu's "
      "threshold (scikit-image's: one bin per value for integers up to 16 bits, else on the histogram).",
      "All digits are the same whatever the threads, the memory and the order of reading. Mean, deviation "
      "and sum come from exact counts (8- and 16-bit types) or from double sums joined without rounding; "
      "with --profile and --labels deviations below 1e-8 and means below 1e-15 of the volume's range are "
      "uncertain: clip single voxels of 1e30 first. Of 64-bit integers beyond 2^53 min "
      "and max have all digits; other figures are of their doubles.",
      "--labels leaves out label 0, the background. With --mask, what lies outside is not seen at all.",
      "With --part each of N processes looks at its share of the planes and keeps counts and sums under "
      "FILE.parts, FILE being what --output names; --merge makes the statistics of them, with the same "
      "digits. Types of more than 16 bits take two passes or more: run all parts again until they say that "
      "all is done."};
  card.memory =
      "streaming for 8- and 16-bit types; else two or more passes, and a pipe is spooled; some MB of "
      "counters a thread, and for --labels about 200 bytes a label";
  card.examples = {
      {"vstats scan.tif", "a table with a small histogram"},
      {"vstats --json -p 1,99 scan.tif", "for programs"},
      {"vstats --profile z --csv scan.tif", "drift from plane to plane, for a spreadsheet"},
      {"vstats --part 1/2 -o stats.json scan.tif && vstats --part 2/2 -o stats.json scan.tif && "
       "vstats --merge --json -o stats.json scan.tif",
       "of two parts"},
      {"vstats --mask mask.tif --plot histogram.svg scan.tif", "a picture of what lies inside a mask"}};
  card.positional("INPUT", "the volume", options.input);
  card.common.output = false;
  card.params.value("percentiles", 'p', "LIST", "percentiles to report", options.request.percentiles)
      .default_is("0.1,1,5,25,50,75,95,99,99.9");
  card.params.value("bins", 'b', "N", "bins of the histogram", options.request.bins).default_is("256");
  card.params
      .value("profile", 0, "AXIS", "also moments of every plane along an axis", options.request.profile)
      .one_of({"z", "y", "x"});
  card.params.value("mask", 0, "FILE", "only voxels where this volume is not zero", options.mask).path();
  card.params.value("labels", 0, "FILE", "also moments of every label of this volume", options.labels).path();
  card.params.flag("json", 0, "print JSON", options.json).not_with({"csv"}).execution_only();
  card.params
      .flag("csv", 0, "print CSV; of the planes with --profile, of the labels with --labels", options.csv)
      .execution_only();
  card.params
      .value("plot", 0, "FILE", "draw the histogram as PNG, SVG or PDF, replacing an existing file",
             options.plot)
      .not_with({"part"})
      .execution_only()
      .path();
  describe_parts(card.params, options);
}
