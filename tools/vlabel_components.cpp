// vlabel components: one pass finds the runs of objects, a second one writes labels from them.
#include <memory>
#include <optional>

#include "cli/context.h"
#include "cli/table_file.h"
#include "core/error.h"
#include "engine/component_numbers.h"
#include "engine/component_parts.h"
#include "engine/generated_source.h"
#include "ops/filter/threshold_choice.h"
#include "ops/label/label_type.h"
#include "ops/label/measure_table.h"
#include "vlabel.h"

namespace {

using namespace vox;

/// As OUTPUT: no labels are wanted.
constexpr const char* kNoLabels = "/dev/null";

struct Options {
  std::string input;
  std::string output;
  ComponentRequest request;
  ThresholdChoice threshold;
  std::optional<ObjectSize> min_size;
  ObjectChoice choice;
  std::optional<std::string> table;
  std::optional<DType> dtype;
};

void describe(ToolCard& card, Options& options) {
  card.name = "components";
  card.summary = "Number the connected objects of a volume";
  card.description = {
      "Objects are made of voxels that are not zero (NaN is not), or lie inside the thresholds given, for "
      "which NaN is "
      "outside. Labels are 1 to N by the first voxel in scan order, or by size. Of objects, those that touch "
      "the border or "
      "are too small go first, then all but the largest; of equally large ones the first stays. With --multi "
      "NaN equals "
      "NaN.",
      "The number of labels N is the last line on standard output, or on standard error when labels go to "
      "standard "
      "output. With /dev/null as OUTPUT no labels are written, for the number or a --table alone.",
      "Parts (--part K/N) share the pass that finds objects with --pass reduce, then --pass map, as vpart "
      "runs "
      "them; the part that has the first plane then writes the --table and the number."};
  card.memory =
      "two passes, of which one reads (with --otsu one more, and a pipe is spooled); objects, a plane of "
      "runs, and, "
      "where labels are written, all runs, which are spooled when they do not fit";
  card.examples = {
      {"vlabel components mask.tif labels.tif", "of a mask"},
      {"vlabel components -n 26 --otsu --min-size 100um3 --table objects.csv scan.tif labels.tif",
       "bright objects, the small ones left out, and a table"},
      {"vlabel components --above 30000 --keep-largest 1 scan.tif - | vinfo -", "in a pipe"}};
  card.input_output(options.input, options.output);
  Params& params = card.params;
  params
      .value("connectivity", 'n', "N",
             "neighbours of a voxel: 6 share a face, 18 an edge too, 26 a corner too",
             options.request.connectivity)
      .one_of({"6", "18", "26"})
      .default_is("6");
  options.threshold.declare(params);
  params.flag("multi", 0, "neighbours connect only if they are equal", options.request.by_value);
  params.value("min-size", 0, "N", "drop smaller objects: voxels, or a volume such as 500um3",
               options.min_size);
  params.value("keep-largest", 0, "K", "drop all but the K largest objects", options.choice.keep_largest);
  params.flag("drop-border", 0, "drop objects that touch the volume's border", options.choice.drop_border);
  params
      .option("sort", 0, "ORDER", "number objects by first voxel (scan) or from the largest (size)",
              [&options](std::string_view text) { options.choice.by_size = text == "size"; })
      .one_of({"scan", "size"})
      .default_is("scan");
  params
      .value("table", 0, "FILE",
             "write measurements too, CSV or JSON as of vlabel measure, replacing an existing file",
             options.table)
      .execution_only()
      .path();
  Param& dtype =
      params.value("dtype", 't', "T", "type of the labels; an error when they do not fit", options.dtype)
          .default_is("the smallest of uint8, uint16, uint32 and uint64");
  dtype.choices = label_type_names();
}

void write_table(const std::deque<ObjectMeasure>& measures, const ComponentNumbers& numbers,
                 const VolumeMeta& input, TableForm form, TableFile& file) {
  MeasureTable table(form, false, input, [&file](std::string_view text) { file.write(text); });
  for (std::int64_t label = 1; label <= numbers.count(); ++label)
    table.add(std::to_string(label), measures[static_cast<std::size_t>(numbers.object(label))], nullptr);
  table.finish();
}

void check(const Options& options, const Context& context) {
  if (options.choice.keep_largest && *options.choice.keep_largest < 0)
    fail_usage("--keep-largest: give a number of objects, 0 or more");
  if (options.output != kNoLabels) context.check_new(options.output);
  if (options.output == kNoLabels && options.dtype)
    fail_usage("--dtype: no labels are written to /dev/null; leave it out");
}

/// What the options say of objects, for this input; Otsu's threshold takes a pass.
void settle(Options& options, SlabSource& source, Context& context) {
  if (options.threshold.must_look())
    options.threshold.look(source.meta(), [&](Reducer& reducer) { context.reduce(source, reducer); });
  options.request.foreground.interval = options.threshold.interval();
  if (options.min_size) options.choice.min_size = size_in_voxels(*options.min_size, source.meta());
  options.request.measures = options.table || options.choice.needs_sizes();
  options.request.runs = options.output != kNoLabels;
}

/// With --pass: objects of parts become one volume's. The part that has the first plane writes the table and
/// the number.
void run_part(const Options& options, SlabSource& source, Context& context) {
  const VolumeMeta& input = source.meta();
  ComponentParts parts(source, options.request, context.resources());
  VolumeMeta meta = meta_of_labels(input, options.dtype.value_or(DType::uint32));
  context.share_last_pass(input, meta, parts);
  if (!context.explaining()) parts.join();
  const ComponentNumbers numbers(parts.objects(), parts.measures(), options.choice, input.shape);
  if (!context.explaining()) meta = meta_of_labels(input, label_type_for(numbers.count(), options.dtype));
  const auto make = [&](const Interval& planes) {
    if (planes.begin == 0) {
      if (options.table) {
        TableFile table(*options.table, true);
        write_table(parts.measures(), numbers, input, table_form(*options.table, "--table"), table);
        table.commit();
      }
      context.print_beside(std::to_string(numbers.count()), options.output);
    }
    return parts.painted_planes(planes, meta, numbers.labels());
  };
  context.write(meta, options.output, pass_of_parts(parts, meta, source.info(), context.resources(), make));
}

void run_whole(const Options& options, SlabSource& source, Context& context) {
  std::optional<TableFile> table;
  const TableForm form = options.table ? table_form(*options.table, "--table") : TableForm::csv;
  if (options.table) table.emplace(*options.table, true);
  const VolumeMeta& input = source.meta();
  const bool labels = options.output != kNoLabels;
  if (!context.begin_pass(plan_components(source, options.request, context.resources()), true)) {
    const VolumeMeta meta = meta_of_labels(input, options.dtype.value_or(DType::uint32));
    GeneratedSource planned(meta, source.info(), {});
    if (labels) context.map(planned, {}, options.output);
    return;
  }
  const auto runs = find_components(source, options.request, context.resources());
  const ComponentNumbers numbers(runs->objects(), runs->measures(), options.choice, input.shape);
  if (table) write_table(runs->measures(), numbers, input, form, *table);
  if (labels) {
    const VolumeMeta meta = meta_of_labels(input, label_type_for(numbers.count(), options.dtype));
    runs->set_labels(size_of(meta.dtype), numbers.labels());
    context.resources().memory -= runs->memory_bytes();
    context.map(*painted(*runs, meta, source.info()), {}, options.output);
  }
  if (table) table->commit();
  context.print_beside(std::to_string(numbers.count()), options.output);
}

void run(Options& options, Context& context) {
  check(options, context);
  auto source = context.open_input(options.input);
  if (options.threshold.must_look() || context.passes_are_shared())
    source = context.rereadable(std::move(source), options.output);
  context.scratch_beside(options.output);
  settle(options, *source, context);
  if (context.passes_are_shared())
    run_part(options, *source, context);
  else
    run_whole(options, *source, context);
}

}  // namespace

void add_components(ToolCard& card) {
  const auto options = std::make_shared<Options>();
  describe(card, *options);
  card.run = [options](Context& context) { run(*options, context); };
}
