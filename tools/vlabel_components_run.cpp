#include "vlabel_components.h"

#include "cli/table_file.h"
#include "core/error.h"
#include "engine/component_numbers.h"
#include "engine/component_parts.h"
#include "engine/generated_source.h"
#include "ops/label/label_type.h"
#include "ops/label/measure_table.h"
#include "vlabel.h"

namespace {

using namespace vox;

/// As OUTPUT: no labels are wanted.
constexpr const char* kNoLabels = "/dev/null";

void write_table(const std::deque<ObjectMeasure>& measures, const ComponentNumbers& numbers,
                 const VolumeMeta& input, TableForm form, TableFile& file) {
  MeasureTable table(form, false, input, [&file](std::string_view text) { file.write(text); });
  for (std::int64_t label = 1; label <= numbers.count(); ++label)
    table.add(std::to_string(label), measures[static_cast<std::size_t>(numbers.object(label))], nullptr);
  table.finish();
}

void check(const ComponentsOptions& options) {
  if (options.choice.keep_largest && *options.choice.keep_largest < 0)
    fail_usage("--keep-largest: give a number of objects, 0 or more");
  if (options.output == kNoLabels && options.dtype)
    fail_usage("--dtype: no labels are written to /dev/null; leave it out");
}

/// What the options say of objects, for this input; Otsu's threshold takes a pass.
void settle(ComponentsOptions& options, SlabSource& source, Context& context) {
  if (options.threshold.must_look())
    options.threshold.look(source.meta(), [&](Reducer& reducer) { context.reduce(source, reducer); });
  options.request.foreground.interval = options.threshold.interval();
  if (options.min_size) options.choice.min_size = size_in_voxels(*options.min_size, source.meta());
  options.request.measures = options.table || options.choice.needs_sizes();
  options.request.runs = options.output != kNoLabels || context.passes_are_shared();
}

/// With --pass: objects of parts become one volume's. The part that has the first plane writes the table and
/// the number.
void run_part(const ComponentsOptions& options, SlabSource& source, Context& context) {
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

void run_whole(const ComponentsOptions& options, SlabSource& source, Context& context) {
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
    context.resources().take(runs->memory_bytes());
    context.map(*painted(*runs, meta, source.info()), {}, options.output);
  }
  if (table) table->commit();
  context.print_beside(std::to_string(numbers.count()), options.output);
}

}  // namespace

void run_components(ComponentsOptions& options, Context& context) {
  check(options);
  auto source = context.inputs().open(options.input);
  if (options.threshold.must_look() || context.passes_are_shared())
    source = context.inputs().rereadable(std::move(source), options.output);
  context.inputs().scratch_beside(options.output);
  settle(options, *source, context);
  if (context.passes_are_shared())
    run_part(options, *source, context);
  else
    run_whole(options, *source, context);
}
