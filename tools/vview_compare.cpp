// vview compare: the same plane of two volumes.
#include <memory>

#include "core/error.h"
#include "vview.h"

namespace {

using namespace vox;

struct Options {
  PictureOptions picture;
  std::string second;
  Axis axis = Axis::z;
  std::optional<std::string> index;
  std::string mode = "side";
  std::optional<std::int64_t> tile;
  bool separate = false;
};

void describe(ToolCard& card, Options& options) {
  card.name = "compare";
  card.summary = "Draw the same plane of two volumes of one shape";
  card.description = {
      "Side by side, as squares of both in turn (A in the upper left), or as the difference B - A in double "
      "precision. Both are drawn with one window, of the voxels of both, so that equal voxels look equal; "
      "with --separate each with its own. Unless --range is given, the window of a difference reaches as far "
      "below as above 0, and its colours are coolwarm. Axes are stretched by the spacing of A. See vview "
      "slice for shades."};
  card.memory = "reads the rows or chunks that the planes need; holds both planes and the picture";
  card.examples = {{"vview compare scan.tif scan.raw both.png", "side by side"},
                   {"vclip -p 1,99 scan.tif | vview compare --mode difference scan.tif - clipped.png",
                    "what clipping changed"}};
  options.picture.input.clear();
  card.positional("A", "a volume", options.picture.input);
  card.positional("B", "another of the same shape", options.second);
  options.picture.declare_options(card);
  declare_axis(card.params, "the axis that the plane lies across", options.axis);
  declare_index(card.params, options.index);
  card.params.value("mode", 0, "MODE", "how they are compared", options.mode)
      .one_of({"side", "checkerboard", "difference"})
      .default_is("side");
  card.params.value("tile", 0, "PIXELS", "side of the squares of a checkerboard", options.tile)
      .default_is("an eighth of the picture's longest side");
  card.params.flag("separate", 0, "a window for each of the two", options.separate);
  options.picture.declare_gap(card.params);
  options.picture.declare_overlay(card.params);
}

void check(const Options& options) {
  if (options.tile && *options.tile < 1) fail_usage("--tile: give a number of pixels above 0");
  if (options.tile && options.mode != "checkerboard") fail_usage("--tile belongs to --mode checkerboard");
  if (options.separate && options.mode == "difference")
    fail_usage("--separate: a difference has one window; leave it out");
  if (options.separate && options.picture.figure.colour_bar)
    fail_usage("--colorbar shows one window; leave out --separate");
}

/// How A and B are drawn, and what says so around them.
struct Shadings {
  Shading each[2];
  const Shading& shown() const { return each[0]; }
};

Shadings shadings_of(const Options& options, const VolumeMeta& meta, const std::vector<PlaneVoxels>& planes) {
  const ShadingOptions& wish = options.picture.shading;
  if (options.separate) return {{wish.of(meta, {planes[0]}), wish.of(meta, {planes[1]})}};
  const Shading joint = wish.of(meta, planes);
  return {{joint, joint}};
}

Picture checkerboard(const Options& options, const Scene& scene, const Shadings& shadings,
                     const std::vector<PlaneVoxels>& planes) {
  const std::int64_t usual = std::max(scene.width, scene.height) / 8;
  return checkered(drawn(scene, {planes[0]}, shadings.each[0]), drawn(scene, {planes[1]}, shadings.each[1]),
                   options.tile.value_or(std::max<std::int64_t>(1, usual)));
}

void run(const Options& options, Context& context) {
  check(options);
  PictureMaker maker(options.picture, context);
  const auto second = context.inputs().open_beside(options.second, maker.meta(), "B");
  const std::int64_t index = index_or_middle(options.index, maker.meta(), options.axis);
  const bool side = options.mode == "side";
  const std::vector<std::int64_t> indices(side ? 2 : 1, index);
  const Scene scene = grid_scene(maker.scene_spec(), options.axis, indices, side ? 2 : 1);
  Scene one = scene;
  one.panels.resize(1);
  std::vector<PlaneVoxels> planes = maker.read(maker.source(), one);
  for (PlaneVoxels& plane : maker.read(*second, one)) planes.push_back(std::move(plane));
  if (context.explaining()) return;
  if (options.mode == "difference") {
    const PlaneVoxels change = difference(planes[0], planes[1]);
    const Shading shading = options.picture.shading.of_difference(change);
    Picture picture = drawn(scene, {change}, shading);
    return maker.write(scene, picture, shading);
  }
  const Shadings shadings = shadings_of(options, maker.meta(), planes);
  if (!side) {
    Picture picture = checkerboard(options, scene, shadings, planes);
    return maker.write(scene, picture, shadings.shown());
  }
  Picture picture = drawn(one, {planes[0]}, shadings.each[0]);
  draw_plane(planes[1], scene.panels[1], shadings.each[1], picture);
  maker.write(scene, picture, shadings.shown());
}

}  // namespace

void add_compare(ToolCard& card) {
  const auto options = std::make_shared<Options>();
  describe(card, *options);
  card.run = [options](Context& context) { run(*options, context); };
}
