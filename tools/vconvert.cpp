// vconvert: changes the format, the voxel type, the byte order or the compression of a volume.
// Streaming: holds a few blocks of rows.
//   vconvert slices/ -t uint8 scan.tif
#include <algorithm>
#include <optional>

#include "cli/context.h"
#include "cli/tool.h"
#include "core/error.h"
#include "core/numbers.h"
#include "io/formats.h"
#include "ops/intensity/convert.h"
#include "ops/stats/histogram_reducer.h"

namespace {

using namespace vox;

struct Options {
  std::string input = "-";
  std::string output = "-";
  std::optional<DType> dtype;
  bool strict = false;
  bool sizes = false;
};

void describe(ToolCard& card, Options& options) {
  card.name = "vconvert";
  card.summary = "Change the format, voxel type, byte order or compression of a volume";
  card.description = {
      "The format of INPUT is found by content, also behind gzip or zstd, except of TIFF and Zarr, "
      "which cannot be read in order. INPUT may be a folder of 2D TIFF "
      "slices, a quoted glob, or @list.txt with a path a line; slices are taken in natural order, and gaps "
      "in their numbering are errors. The format of OUTPUT follows its extension: " +
          extensions_to_write() +
          "; a name ending in / is a folder of slices. Of files with several channels or time points --channel "
          "and --time choose one. Grey values of TIFF are as stored, also where the file says that 0 is white; "
          "single bits become a mask of 0 and 1, 1 where they are white.",
      "To integer types values round half to even and saturate, NaN becomes 0. To floating types values "
      "round to the nearest, beyond the largest finite value they become infinite. What was lost is counted "
      "on standard error; in labels, where a loss would merge objects, it is an error as with --strict.",
      "Of spacing, unit, origin, direction and value map what the format of OUTPUT has no place for is said "
      "on standard error and stands in the sidecar, OUTPUT.json (of NRRD and Zarr in the header), where "
      "other programs do not look."};
  card.memory = "streaming; a few blocks of rows";
  card.examples = {
      {"vconvert scan.tif scan_copy.raw", "a raw file with a sidecar"},
      {"vconvert -t float32 -c zstd:3 scan.tif scan32.tif", "another type, compressed"},
      {"vconvert scan.tif scan.ome.tif", "OME-TIFF, for Bio-Formats and OMERO"},
      {"vconvert --sizes scan.tif", "what each type would take and lose"},
      {"vconvert --in-shape 16,32,32 --in-dtype uint16 scan.raw slices/", "described raw voxels to slices"}};
  card.input_output(options.input, options.output);
  card.params.value("dtype", 't', "T", "voxel type of the output", options.dtype).default_is("the input's");
  card.params.flag("strict", 0, "any loss is an error, and there is no output", options.strict);
  card.params.flag("sizes", 0,
                   "print what the volume would take in each type and what would be lost, and stop",
                   options.sizes);
}

std::string loss_text(const Tally& tally) {
  std::string text;
  const auto add = [&](std::int64_t count, const char* what) {
    if (count > 0) text += (text.empty() ? "" : ", ") + format_count(count) + what;
  };
  add(tally.saturated, " saturated");
  add(tally.rounded, " rounded");
  add(tally.nan, " NaN became 0");
  return text;
}

/// What a conversion between types could lose, from the extremes of the volume alone.
std::string possible_loss(const Summary& summary, DType from, DType to) {
  std::string text;
  const auto add = [&](const char* what) { text += (text.empty() ? "" : ", ") + std::string(what); };
  if (summary.count > 0 && (summary.min < lowest_of(to) || summary.max > highest_of(to))) add("saturates");
  if (is_float(to) && summary.count > 0 && std::max(-summary.min, summary.max) > max_finite_of(to))
    add("overflows");
  if (is_float(from) && !is_float(to)) add("rounds");
  if (is_float(from) && is_float(to) && size_of(to) < size_of(from)) add("fewer digits");
  const double exact = to == DType::float16 ? 0x1p11 : to == DType::float32 ? 0x1p24 : 0x1p53;
  if (!is_float(from) && is_float(to) && summary.count > 0 && std::max(-summary.min, summary.max) > exact)
    add("fewer digits");
  if (summary.nan > 0 && !is_float(to)) add("NaN to 0");
  return text.empty() ? "nothing" : text;
}

void print_sizes(const Options& options, Context& context) {
  const auto source = context.inputs().open(options.input);
  HistogramReducer reducer(source->meta().dtype);
  context.reduce(*source, reducer);
  const Summary summary = reducer.summary();
  context.print("dtype     size          loses\n");
  for (const DType dtype : kAllDTypes) {
    std::string name(dtype_name(dtype));
    std::string size = format_bytes(source->meta().voxel_count() * size_of(dtype));
    name.resize(10, ' ');
    size.resize(14, ' ');
    context.print(name + size + possible_loss(summary, source->meta().dtype, dtype) + "\n");
  }
}

void run(const Options& options, Context& context) {
  if (options.sizes) return print_sizes(options, context);
  const auto source = context.inputs().open(options.input);
  const VolumeMeta& meta = source->meta();
  const Convert convert(options.dtype.value_or(meta.dtype));
  KernelList kernels;
  if (options.dtype && *options.dtype != meta.dtype) kernels.push_back(&convert);
  const bool strict = options.strict || meta.kind == Kind::labels;
  context.map(*source, kernels, options.output, {}, [&](const Tally& tally) {
    const std::string loss = loss_text(tally);
    if (loss.empty()) return;
    const std::string line =
        source->info().name + ": " + loss + " in " + std::string(dtype_name(*options.dtype));
    if (strict)
      fail(line + "; nothing was written" + (options.strict ? "" : ", since labels must not merge"));
    context.say(line);
  });
  const VolumeMeta out = output_meta(meta, kernels);
  context.say(source->info().name + ": " + format_bytes(meta.bytes()) + " " +
              std::string(dtype_name(meta.dtype)) + " -> " + format_bytes(out.bytes()) + " " +
              std::string(dtype_name(out.dtype)));
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  ToolCard card;
  describe(card, options);
  card.run = [&options](Context& context) { run(options, context); };
  return tool_main(argc, argv, card);
}
