// vstats: exact statistics of a volume, as a table, JSON, CSV or a picture.
// One pass for 8- and 16-bit types, else two or more, for which a pipe is spooled.
//   vclip -r 0,40000 scan.tif | vstats --json
#include <algorithm>

#include "cli/context.h"
#include "cli/picture_file.h"
#include "cli/terminal.h"
#include "cli/tool.h"
#include "core/error.h"
#include "io/output_file.h"
#include "ops/render/histogram_plot.h"
#include "ops/render/statistics_text.h"
#include "ops/stats/statistics.h"

namespace {

using namespace vox;

struct Options {
  std::string input = "-";
  StatisticsRequest request{{0.1, 1, 5, 25, 50, 75, 95, 99, 99.9}, 256, {}, {}};
  std::optional<std::string> mask;
  std::optional<std::string> labels;
  bool json = false;
  bool csv = false;
  std::optional<std::string> plot;
};

void describe(ToolCard& card, Options& options) {
  card.name = "vstats";
  card.summary = "Measure intensities: exact moments, percentiles, histogram, threshold";
  card.description = {
      "Over finite voxels; NaN and infinities are counted. Count, min, max, mean, standard deviation "
      "(population), sum, "
      "median, percentiles (NumPy's `linear`, exact, interpolated in double precision), a histogram of "
      "equal-width bins "
      "from min to max (as numpy.histogram), its entropy in bits, and Otsu's threshold (scikit-image's: one "
      "bin per value "
      "for integers up to 16 bits, else on the histogram).",
      "All digits are the same whatever the threads, the memory and the order of reading. Mean, deviation "
      "and sum come "
      "from exact counts (8- and 16-bit types) or from double sums joined without rounding; with --profile "
      "and --labels "
      "deviations below 1e-8 of the volume's range are uncertain.",
      "--labels leaves out label 0, the background. With --mask, what lies outside is not seen at all."};
  card.memory =
      "streaming for 8- and 16-bit types; else two or more passes, and a pipe is spooled; some MB of "
      "counters a "
      "thread, and for --labels about 200 bytes a label";
  card.examples = {
      {"vstats scan.tif", "a table with a small histogram"},
      {"vstats --json -p 1,99 scan.tif", "for programs"},
      {"vstats --profile z --csv scan.tif", "drift from plane to plane, for a spreadsheet"},
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
  card.params.flag("json", 0, "print JSON", options.json).not_with({"csv"});
  card.params.flag("csv", 0, "print CSV; of the planes with --profile, of the labels with --labels",
                   options.csv);
  card.params
      .value("plot", 0, "FILE", "draw the histogram as PNG, SVG or PDF, replacing an existing file",
             options.plot)
      .path();
}

void check(const Options& options) {
  check_percentiles(options.request.percentiles, "--percentiles");
  if (options.request.bins < 1 || options.request.bins > 1'000'000)
    fail_usage("--bins: give a number from 1 to 1000000");
  if (options.csv && options.request.profile && options.labels)
    fail_usage("--csv prints one table: leave out --profile or --labels");
  if (!options.plot) return;
  picture_format(*options.plot, "--plot");
  check_output(*options.plot, true);
}

void write_plot(const std::string& path, const Statistics& statistics, std::span<const double> percentiles,
                const std::string& title) {
  write_picture(path, picture_format(path, "--plot"), true,
                [&](const PictureOutput& output) { draw_histogram(statistics, percentiles, title, output); });
}

/// Opens a further volume that passes show beside the input.
void open_beside(std::vector<std::unique_ptr<SlabSource>>& sources, const std::optional<std::string>& path,
                 const std::string& option, Context& context) {
  if (path) sources.push_back(context.open_beside(*path, sources.front()->meta(), option));
}

void run(Options& options, Context& context) {
  check(options);
  std::vector<std::unique_ptr<SlabSource>> sources;
  sources.push_back(context.open_input(options.input));
  open_beside(sources, options.mask, "--mask", context);
  open_beside(sources, options.labels, "--labels", context);
  StatisticsRequest& request = options.request;
  if (options.labels) request.labels = sources.back()->meta().dtype;
  if (request.labels && is_float(*request.labels))
    fail_usage("--labels " + *options.labels + ": labels are whole numbers, not " +
               std::string(dtype_name(*request.labels)));

  const VolumeMeta meta = sources.front()->meta();
  std::vector<SlabSource*> shown;
  for (std::unique_ptr<SlabSource>& source : sources) {
    if (!one_pass(meta.dtype, request)) source = context.rereadable(std::move(source), "-");
    shown.push_back(source.get());
  }
  const Statistics statistics =
      measure(meta.dtype, meta.shape, request, [&](Reducer& reducer) { context.reduce(shown, reducer); });
  if (context.explaining()) return;

  const std::string title = sources.front()->info().name;
  context.print(options.json  ? statistics_json(statistics, request)
                : options.csv ? statistics_csv(statistics, request)
                              : statistics_table(statistics, request, printable(title),
                                                 std::min(terminal_width(), 80)));
  if (options.plot) write_plot(*options.plot, statistics, request.percentiles, title);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  ToolCard card;
  describe(card, options);
  card.run = [&options](Context& context) { run(options, context); };
  return tool_main(argc, argv, card);
}
