// vview mip: a projection along an axis.
#include <memory>

#include "engine/look_through.h"
#include "vview.h"

namespace {

using namespace vox;

struct Options {
  PictureOptions picture;
  Axis axis = Axis::z;
  ProjectionMethod method = ProjectionMethod::max;
};

void describe(ToolCard& card, Options& options) {
  card.name = "mip";
  card.summary = "Draw the largest, smallest or mean voxel along an axis";
  card.description = {
      "The projection is windowed and coloured as a plane of vview slice. NaN is left out: a pixel is NaN "
      "where all voxels behind it are. Means are those of vproject.",
      "With --size, a volume that has several resolutions is read at the smallest that fills the picture, "
      "unless --level says which: its voxels are means already."};
  card.memory = "streaming; the projected plane, the picture and a few blocks of rows";
  card.examples = {
      {"vview mip scan.tif largest.png", "the brightest voxels"},
      {"vconvert scan.tif | vview mip -a y --method mean --full - mean.png", "means, from a pipe"}};
  options.picture.declare(card);
  declare_axis(card.params, "the axis that is looked along", options.axis);
  card.params
      .option("method", 0, "METHOD", "what is drawn of the voxels behind a pixel",
              [&options](std::string_view text) {
                options.method = text == "max"   ? ProjectionMethod::max
                                 : text == "min" ? ProjectionMethod::min
                                                 : ProjectionMethod::mean;
              })
      .one_of({"max", "min", "mean"})
      .default_is("max");
}

void run(const Options& options, Context& context) {
  const PictureOptions& picture = options.picture;
  const auto enough = [&](const VolumeMeta& whole, const Extent3& level) {
    return picture.size &&
           fills(grid_scene(picture.scene_spec(whole), options.axis, {0}, 1), whole.shape, level);
  };
  PictureMaker maker(picture, context, enough);
  const Scene scene = grid_scene(maker.scene_spec(), options.axis, {0}, 1);
  const ProjectSpec spec{options.method, options.axis, NanRule::leave_out};
  const std::int64_t held = scene.width * scene.height * 12;
  if (!maker.source().seekable() && look_through_rereads(maker.source(), spec, held, context.resources()))
    maker.make_rereadable();
  if (!context.begin_pass(plan_look_through(maker.source(), spec, held, context.resources()))) return;
  const PlaneVoxels plane = run_look_through(maker.source(), spec, held, context.resources());
  const Panel& panel = scene.panels.front();
  maker.write(scene, {plane.chosen(panel.vertical.voxels, panel.horizontal.voxels)});
}

}  // namespace

void add_mip(ToolCard& card) {
  const auto options = std::make_shared<Options>();
  describe(card, *options);
  card.run = [options](Context& context) { run(*options, context); };
}
