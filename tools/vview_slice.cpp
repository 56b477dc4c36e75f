// vview slice: one plane.
#include <memory>

#include "vview.h"

namespace {

using namespace vox;

struct Options {
  PictureOptions picture;
  Axis axis = Axis::z;
  std::optional<std::string> index;
};

void describe(ToolCard& card, Options& options) {
  card.name = "slice";
  card.summary = "Draw one plane";
  card.description = {
      "Without options that write around or over it, the picture is the plane alone: of a volume of equal "
      "spacing along the axes shown, pixel (row, column) is voxel [row, column] of volume[index] (z), "
      "volume[:, index] (y) or volume[:, :, index] (x). A voxel's shade is ((voxel - LO) / (HI - LO), "
      "clamped to 0 and 1) ^ gamma * 255 in double precision, rounded half to even; its colour is that entry "
      "of the colour map. Where LO equals HI, voxels above are white and others black. Infinities lie beyond "
      "the window, NaN has a colour of its own.",
      "Labels have a colour by their number, the same in every picture: 0 is black, the hue is the fraction "
      "of 0.618034 times the label."};
  card.memory = "reads the rows or chunks that the plane needs; holds the plane and the picture";
  card.examples = {
      {"vview slice scan.tif middle.png", "the middle plane"},
      {"vview slice -a y -i 25% --colormap viridis scan.tif y.png", "across another axis, in colour"},
      {"vclip -r 0,30000 scan.tif | vview slice -i 3 --size 200 - small.png", "from a pipe"}};
  options.picture.declare(card);
  declare_axis(card.params, "the axis that the plane lies across", options.axis);
  declare_index(card.params, options.index);
  options.picture.declare_overlay(card.params);
}

void run(const Options& options, Context& context) {
  PictureMaker maker(options.picture, context);
  const std::int64_t index = index_or_middle(options.index, maker.meta(), options.axis);
  maker.run(grid_scene(maker.scene_spec(), options.axis, {index}, 1));
}

}  // namespace

void add_slice(ToolCard& card) {
  const auto options = std::make_shared<Options>();
  describe(card, *options);
  card.run = [options](Context& context) { run(*options, context); };
}
