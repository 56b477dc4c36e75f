// vlabel fill-holes: one pass finds background that does not reach the border, a second one fills it.
#include <algorithm>
#include <memory>

#include "cli/context.h"
#include "core/numbers.h"
#include "engine/component_parts.h"
#include "vlabel.h"

namespace {

using namespace vox;

struct Options {
  std::string input;
  std::string output;
  ComponentRequest request;
};

void describe(ToolCard& card, Options& options) {
  card.name = "fill-holes";
  card.summary = "Fill background that does not reach the volume's border";
  card.description = {
      "Background is zero. A hole is background that no path of background leads out of, by neighbours of "
      "the connectivity given. Its voxels get the value of the voxel before their run in x: that of a mask, "
      "or the label around the hole. All other voxels, type and kind stay. Says how many holes were filled."};
  card.memory =
      "two passes, and a pipe is spooled; the pieces of background, a plane of runs, and all runs, which are "
      "spooled when they do not fit";
  card.examples = {{"vlabel fill-holes mask.tif filled.tif", "of a mask"}};
  card.input_output(options.input, options.output);
  card.params
      .value("connectivity", 'n', "N",
             "neighbours of a background voxel: 6 share a face, 18 an edge too, 26 a corner too",
             options.request.connectivity)
      .one_of({"6", "18", "26"})
      .default_is("6");
}

/// 1 for pieces of background that are filled.
ComponentParts::Label holes_among(const std::deque<ObjectMeasure>& pieces, const Extent3& shape) {
  return [&pieces, shape](std::int64_t piece) {
    return std::uint64_t{pieces[static_cast<std::size_t>(piece)].touches_border(shape) ? 0u : 1u};
  };
}

std::string filled_line(const std::deque<ObjectMeasure>& pieces, const Extent3& shape) {
  std::int64_t holes = 0;
  std::int64_t voxels_filled = 0;
  for (const ObjectMeasure& piece : pieces) {
    if (piece.touches_border(shape)) continue;
    ++holes;
    voxels_filled += piece.voxels;
  }
  return format_count(holes) + (holes == 1 ? " hole of " : " holes of ") + format_count(voxels_filled) +
         " voxels filled";
}

/// With --pass: pieces of parts become one volume's. The part that has the first plane says how many there
/// are.
void run_part(const Options& options, SlabSource& source, Context& context) {
  ComponentParts parts(source, options.request, context.resources());
  VolumeMeta meta = source.meta();
  meta.range.reset();
  context.share_last_pass(source.meta(), meta, parts);
  if (!context.explaining()) parts.join();
  const auto make = [&](const Interval& planes) {
    if (planes.begin == 0) context.say(filled_line(parts.measures(), meta.shape));
    return parts.filled_planes(planes, holes_among(parts.measures(), meta.shape));
  };
  context.write(meta, options.output, pass_of_parts(parts, meta, source.info(), context.resources(), make));
}

void run(Options& options, Context& context) {
  options.request.foreground.inverted = true;
  options.request.measures = true;
  const auto source = context.inputs().open_rereadable(options.input, options.output);
  if (context.passes_are_shared()) return run_part(options, *source, context);
  if (!context.begin_pass(plan_components(*source, options.request, context.resources()), true))
    return context.map(*source, {}, options.output);
  const auto runs = find_components(*source, options.request, context.resources());
  runs->set_labels(1, holes_among(runs->measures(), source->meta().shape));
  context.resources().take(runs->memory_bytes());
  context.map(*filled(*source, *runs), {}, options.output);
  context.say(filled_line(runs->measures(), source->meta().shape));
}

}  // namespace

void add_fill_holes(ToolCard& card) {
  const auto options = std::make_shared<Options>();
  describe(card, *options);
  card.run = [options](Context& context) { run(*options, context); };
}
