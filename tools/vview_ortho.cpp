// vview ortho: three planes through one point.
#include <memory>

#include "core/error.h"
#include "core/numbers.h"
#include "vview.h"

namespace {

using namespace vox;

struct Options {
  PictureOptions picture;
  std::optional<std::string> point;
};

void describe(ToolCard& card, Options& options) {
  card.name = "ortho";
  card.summary = "Draw three planes through one point";
  card.description = {
      "The plane across z with y down and x to the right; to its right the plane across x with the same y "
      "and z to the right; below it the plane across y with z down and the same x. All three have one scale "
      "and one window. See vview slice for shades and colours.",
      "With --size, a volume that has several resolutions is read at the smallest that fills the picture, "
      "unless --level says which; --index counts in the whole resolution all the same."};
  card.memory = "reads the rows or chunks that the planes need; holds the planes and the picture";
  card.examples = {
      {"vview ortho scan.tif planes.png", "through the middle"},
      {"vview ortho -i 2,50%,-1 --size 400 --gap 0 scan.tif planes.png", "through another point"}};
  options.picture.declare(card);
  card.params
      .value("index", 'i', "Z,Y,X",
             "the point: for each axis an index, 50%, or 1.2mm from the corner; or one for all",
             options.point)
      .default_is("50%");
  options.picture.declare_gap(card.params);
  options.picture.declare_overlay(card.params);
}

std::array<std::int64_t, 3> point_of(const Options& options, const VolumeMeta& meta) {
  std::vector<std::string> parts = split(options.point.value_or("50%"), ',');
  if (parts.size() == 1) parts.assign(3, parts[0]);
  if (parts.size() != 3) fail_usage("--index " + *options.point + ": give one position or three, Z,Y,X");
  return {index_or_middle(parts[0], meta, Axis::z), index_or_middle(parts[1], meta, Axis::y),
          index_or_middle(parts[2], meta, Axis::x)};
}

void run(const Options& options, Context& context) {
  const PictureOptions& picture = options.picture;
  const auto enough = [&](const VolumeMeta& whole, const Extent3& level) {
    return picture.size && !picture.overlay &&
           fills(ortho_scene(picture.scene_spec(whole), {0, 0, 0}), whole.shape, level);
  };
  PictureMaker maker(picture, context, enough);
  const auto [z, y, x] = point_of(options, maker.whole());
  maker.run(ortho_scene(maker.scene_spec(), {maker.level_index(Axis::z, z), maker.level_index(Axis::y, y),
                                             maker.level_index(Axis::x, x)}));
}

}  // namespace

void add_ortho(ToolCard& card) {
  const auto options = std::make_shared<Options>();
  describe(card, *options);
  card.run = [options](Context& context) { run(*options, context); };
}
