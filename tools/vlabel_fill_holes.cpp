// vlabel fill-holes: one pass finds background that does not reach the border, a second one fills it.
#include <algorithm>
#include <memory>

#include "cli/context.h"
#include "core/numbers.h"
#include "engine/labelled_runs.h"
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
      "the "
      "connectivity given. Its voxels get the value of the voxel before their run in x: that of a mask, or "
      "the label "
      "around the hole. All other voxels, type and kind stay. Says how many holes were filled."};
  card.memory =
      "two passes, and a pipe is spooled; the pieces of background, a plane of runs, and all runs, which are "
      "spooled when "
      "they do not fit";
  card.examples = {{"vlabel fill-holes mask.tif filled.tif", "of a mask"}};
  card.input_output(options.input, options.output);
  card.params
      .value("connectivity", 'n', "N",
             "neighbours of a background voxel: 6 share a face, 18 an edge too, 26 a corner too",
             options.request.connectivity)
      .one_of({"6", "18", "26"})
      .default_is("6");
}

void run(Options& options, Context& context) {
  context.check_new(options.output);
  options.request.foreground.inverted = true;
  options.request.measures = true;
  const auto source = context.open_input_rereadable(options.input, options.output);
  if (!context.begin_pass(plan_components(*source, options.request, context.resources())))
    return context.map(*source, {}, options.output);
  const auto runs = find_components(*source, options.request, context.resources());
  std::int64_t holes = 0;
  std::int64_t voxels_filled = 0;
  runs->set_labels(1, [&](std::int64_t object) {
    const ObjectMeasure& piece = runs->measures()[static_cast<std::size_t>(object)];
    return std::uint64_t{piece.touches_border(source->meta().shape) ? 0u : 1u};
  });
  for (const ObjectMeasure& piece : runs->measures()) {
    if (piece.touches_border(source->meta().shape)) continue;
    ++holes;
    voxels_filled += piece.voxels;
  }
  context.resources().memory -= runs->memory_bytes();
  context.map(*filled(*source, *runs), {}, options.output);
  context.say(format_count(holes) + (holes == 1 ? " hole of " : " holes of ") + format_count(voxels_filled) +
              " voxels filled");
}

}  // namespace

void add_fill_holes(ToolCard& card) {
  const auto options = std::make_shared<Options>();
  describe(card, *options);
  card.run = [options](Context& context) { run(*options, context); };
}
