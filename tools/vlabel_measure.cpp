// vlabel measure: one pass over labels and intensities; a table comes out.
#include <memory>
#include <optional>

#include "cli/context.h"
#include "cli/result_parts.h"
#include "cli/table_file.h"
#include "core/error.h"
#include "core/numbers.h"
#include "ops/label/label_measures.h"
#include "ops/label/label_type.h"
#include "ops/label/measure_table.h"
#include "ops/stats/label_moments.h"
#include "vlabel.h"

namespace {

using namespace vox;

struct Options {
  std::string labels = "-";
  std::optional<std::string> intensity;
  std::string output;  ///< empty: standard output
  bool force = false;
  ResultParts parts;
};

void describe(ToolCard& card, Options& options) {
  card.name = "measure";
  card.summary = "Measure every label: size, box, centre, and intensities of another volume";
  card.description = {
      "Columns: label voxels volume z0 y0 x0 z1 y1 x1 cz cy cx cz_phys cy_phys cx_phys equivalent_diameter "
      "touches_border, with --intensity also int_min int_max int_mean int_std int_sum wz wy wx. Label 0 is "
      "background. Boxes are half-open; volume, and the diameter of the ball of that volume, by the spacing; "
      "*_phys in world coordinates; touches_border is 0 or 1.",
      "Intensities are taken over finite voxels (how many are not is said); int_std is of the population; "
      "wz, wy and wx are the centre weighted by intensity. Integers up to 32 bits are summed exactly. Others "
      "are summed in double precision, with the same digits whatever the threads; deviations below 1e-8 of "
      "the mean are uncertain.",
      "With --part each of N processes looks at its share of the planes and keeps what it found under "
      "FILE.parts, FILE being what --output names; --merge makes the table of that, with the same digits."};
  card.memory =
      "streaming; memory grows with the number of labels: some 300 bytes a label and thread, with "
      "--intensity 1 KB";
  card.examples = {
      {"vlabel measure mask.tif", "a table on standard output"},
      {"vlabel measure --intensity scan.tif mask.tif -o objects.json", "with intensities, as JSON"},
      {"vlabel measure --part 1/2 -o objects.csv mask.tif && vlabel measure --part 2/2 -o objects.csv "
       "mask.tif && vlabel measure --merge -o objects.csv mask.tif",
       "of two parts"}};
  card.common.output = false;
  card.positional("LABELS", "Volume of labels to read, or - for standard input", options.labels);
  card.params.value("intensity", 0, "FILE", "also measure the voxels of this volume", options.intensity)
      .path();
  card.params
      .value("output", 'o', "FILE", "write the table there, as CSV or JSON by its extension", options.output)
      .default_is("CSV on standard output")
      .execution_only()
      .path();
  card.params.flag("force", 'f', "replace an existing table", options.force).execution_only();
  options.parts.declare(card.params, "the table");
}

void write_table(const LabelMeasures& measures, const VolumeMeta& meta, bool intensities, TableForm form,
                 TableFile& file) {
  MeasureTable table(form, intensities, meta, [&file](std::string_view text) { file.write(text); });
  for (const std::int64_t place : measures.by_label()) {
    std::optional<ObjectIntensity> intensity;
    if (intensities) intensity = measures.intensity(place);
    table.add(label_text(measures.label(place), meta.dtype), measures.measure(place),
              intensity ? &*intensity : nullptr);
  }
  table.finish();
  file.commit();
}

void measure(const Options& options, SlabSource& labels, SlabSource* intensity, Context& context) {
  const VolumeMeta& meta = labels.meta();
  std::optional<DType> intensity_type;
  if (intensity != nullptr) intensity_type = intensity->meta().dtype;
  const TableForm form = options.output.empty() ? TableForm::csv : table_form(options.output, "--output");
  std::optional<TableFile> file;
  if (!context.explaining() && !options.parts.part) file.emplace(options.output, options.force);
  const std::int64_t memory = context.resources().memory / (context.resources().threads + 1);
  LabelMeasures measures(meta.dtype, intensity_type, meta.shape.x, memory);
  context.reduce(labels, measures, intensity);
  if (context.explaining()) return;
  if (options.parts.part)
    return context.say(options.output + ": all parts are done; vlabel measure --merge makes it");
  if (const std::int64_t count = measures.not_finite(); count > 0)
    context.say(format_count(count) +
                " voxels of labels are NaN or infinite and are left out of intensities");
  write_table(measures, meta, intensity != nullptr, form, *file);
  options.parts.finish(options.output);
}

void run(const Options& options, Context& context) {
  if (!options.output.empty()) table_form(options.output, "--output");
  const auto labels = context.inputs().open(options.labels);
  check_label_type(labels->meta().dtype, labels->info().name);
  std::unique_ptr<SlabSource> intensity;
  if (options.intensity)
    intensity = context.inputs().open_beside(*options.intensity, labels->meta(), "--intensity");
  options.parts.begin(options.output, context);
  measure(options, *labels, intensity.get(), context);
}

}  // namespace

void add_measure(ToolCard& card) {
  const auto options = std::make_shared<Options>();
  describe(card, *options);
  card.run = [options](Context& context) { run(*options, context); };
}
