// vstats: exact statistics of a volume, as a table, JSON, CSV or a picture.
// One pass for 8- and 16-bit types, else two or more, for which a pipe is spooled.
//   vclip -r 0,40000 scan.tif | vstats --json
#include <algorithm>

#include "cli/context.h"
#include "cli/picture_file.h"
#include "cli/table_file.h"
#include "cli/terminal.h"
#include "core/error.h"
#include "io/output_file.h"
#include "ops/render/histogram_plot.h"
#include "ops/render/statistics_text.h"
#include "vstats.h"

namespace {

using namespace vox;

void check(const StatisticsOptions& options) {
  check_percentiles(options.request.percentiles, "--percentiles");
  if (options.request.bins < 1 || options.request.bins > 1'000'000)
    fail_usage("--bins: give a number from 1 to 1000000");
  if (options.csv && options.request.profile && options.labels)
    fail_usage("--csv prints one table: leave out --profile or --labels");
  if (options.output) check_output(*options.output, true);
  if (!options.plot) return;
  picture_format(*options.plot, "--plot");
  check_output(*options.plot, true);
}

void write_plot(const std::string& path, const Statistics& statistics, std::span<const double> percentiles,
                const std::string& title) {
  write_picture(path, picture_format(path, "--plot"), true,
                [&](const PictureOutput& output) { draw_histogram(statistics, percentiles, title, output); });
}

void write_text(const std::string& text, const StatisticsOptions& options, Context& context) {
  if (!options.output) return context.print(text);
  TableFile file(*options.output, true);
  file.write(text);
  file.commit();
  options.parts.finish(*options.output);
}

/// Opens a further volume that passes show beside the input.
void open_beside(std::vector<std::unique_ptr<SlabSource>>& sources, const std::optional<std::string>& path,
                 const std::string& option, Context& context) {
  if (path) sources.push_back(context.inputs().open_beside(*path, sources.front()->meta(), option));
}

void run(StatisticsOptions& options, Context& context) {
  check(options);
  std::vector<std::unique_ptr<SlabSource>> sources;
  sources.push_back(context.inputs().open(options.input));
  open_beside(sources, options.mask, "--mask", context);
  open_beside(sources, options.labels, "--labels", context);
  StatisticsRequest& request = options.request;
  if (options.labels) request.labels = sources.back()->meta().dtype;
  if (request.labels && is_float(*request.labels))
    fail_usage("--labels " + *options.labels + ": labels are whole numbers, not " +
               std::string(dtype_name(*request.labels)));

  options.parts.begin(options.output.value_or(""), context);
  const VolumeMeta meta = sources.front()->meta();
  std::vector<SlabSource*> shown;
  for (std::unique_ptr<SlabSource>& source : sources) {
    if (!one_pass(meta.dtype, request)) source = context.inputs().rereadable(std::move(source), "-");
    shown.push_back(source.get());
  }
  const Statistics statistics =
      measure(meta.dtype, meta.shape, request, [&](Reducer& reducer) { context.reduce(shown, reducer); });
  if (context.explaining()) return;

  if (options.parts.part)
    return context.say(*options.output + ": all passes of all parts are done; vstats --merge makes it");
  const std::string title = sources.front()->info().name;
  write_text(options.json ? statistics_json(statistics, request)
             : options.csv
                 ? statistics_csv(statistics, request)
                 : statistics_table(statistics, request, printable(title), std::min(terminal_width(), 80)),
             options, context);
  if (options.plot) write_plot(*options.plot, statistics, request.percentiles, title);
}

}  // namespace

int main(int argc, char** argv) {
  StatisticsOptions options;
  ToolCard card;
  describe_statistics(card, options);
  card.run = [&options](Context& context) { run(options, context); };
  return tool_main(argc, argv, card);
}
