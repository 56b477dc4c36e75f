// vview: the options that its pictures share.
#include <algorithm>
#include <array>

#include "core/error.h"
#include "core/position.h"
#include "vview.h"

using namespace vox;

void ShadingOptions::declare(Params& params) {
  params
      .value("range", 'r', "LO,HI",
             "window: intensities drawn as black and white, and beyond; those between are scaled linearly",
             window.range)
      .not_with({"percentiles", "full"});
  params
      .value("percentiles", 'p', "LO,HI", "window between exact percentiles of the voxels shown",
             window.percentiles)
      .default_is("0.5,99.5; of a mask 0 to 1")
      .not_with({"range", "full"});
  params.flag("full", 0, "window from the smallest to the largest voxel shown", window.full)
      .not_with({"range", "percentiles"});
  params.value("gamma", 0, "G", "raise the scaled intensity, 0 to 1, to this power", window.gamma)
      .default_is("1");
  params.value("colormap", 0, "NAME", "colours", colormap)
      .one_of(colormap_names())
      .default_is("gray; of labels: labels");
  params.value("nan", 0, "COLOUR", "colour of NaN", nan).default_is("#ff00ff");
}

Shading ShadingOptions::of(const VolumeMeta& meta, const std::vector<PlaneVoxels>& planes) const {
  Shading shading;
  shading.nan = nan;
  shading.colormap = colormap.value_or(meta.kind == Kind::labels ? "labels" : "gray");
  WindowWish wish = window;
  const bool chosen = wish.range || wish.full || wish.percentiles != WindowWish{}.percentiles;
  if (meta.kind == Kind::mask && !chosen) wish.range = {0, 1};
  if (shading.colormap != "labels") shading.window = choose_window(wish, planes);
  return shading;
}

Shading ShadingOptions::of_difference(const PlaneVoxels& change) const {
  return {choose_symmetric_window(window, {&change, 1}), colormap.value_or("coolwarm"), nan};
}

void PictureOptions::declare(ToolCard& card) {
  card.positional("INPUT", "the volume", input);
  declare_options(card);
}

void PictureOptions::declare_options(ToolCard& card) {
  card.positional("OUTPUT.png", "the picture: PNG, SVG or PDF by its name, `-` a PNG", output);
  card.common.output = false;
  shading.declare(card.params);
  card.params
      .value("size", 0, "PIXELS", "longest side of the picture, without what is written around it", size)
      .default_is("a pixel for each voxel of the finest axis");
  card.params.flag("scale-bar", 0, "draw a length in the unit of the spacing", figure.scale_bar);
  card.params.flag("colorbar", 0, "draw the window's colours with numbers, to the right", figure.colour_bar);
  card.params.flag("axes", 0, "draw the names of the axes", figure.axes);
  card.params.value("caption", 0, "TEXT", "write this below", figure.caption);
  card.params.flag("force", 'f', "replace an existing picture", force).execution_only();
}

void PictureOptions::declare_gap(Params& params) {
  params.value("gap", 0, "PIXELS", "white between planes", gap).default_is("4");
}

void PictureOptions::declare_overlay(Params& params) {
  params.value("overlay", 0, "LABELS", "draw the labels of this volume over the intensities", overlay).path();
  params.value("opacity", 0, "A", "of the labels' colours, 0 to 1", overlay_style.opacity).default_is("0.4");
  params.flag("outlines", 0, "draw the outlines of labels, opaque (with --opacity 0 these alone)",
              overlay_style.outlines);
}

void PictureOptions::check() const {
  shading.check();
  if (size && (*size < 1 || *size > kMostPixels))
    fail_usage("--size: give a number of pixels from 1 to " + std::to_string(kMostPixels));
  if (gap < 0 || gap > 1000) fail_usage("--gap: give a number of pixels from 0 to 1000");
  if (!(overlay_style.opacity >= 0 && overlay_style.opacity <= 1))
    fail_usage("--opacity: give a number from 0 to 1");
}

SceneSpec PictureOptions::scene_spec(const VolumeMeta& meta) const {
  SceneSpec spec{meta.shape, meta.spacing.value_or(Vector3{1, 1, 1}), {}, gap};
  if (size) spec.box = {*size, *size};
  return spec;
}

void declare_index(Params& params, std::optional<std::string>& index) {
  params
      .value("index", 'i', "I",
             "which plane: an index (negative: from the end), 50%, or 1.2mm from the volume's corner", index)
      .default_is("50%");
}

std::int64_t index_or_middle(const std::optional<std::string>& text, const VolumeMeta& meta, Axis axis) {
  return plane_index(text.value_or("50%"), meta, static_cast<std::size_t>(axis));
}

void declare_axis(Params& params, const std::string& help, Axis& axis) {
  params.value("axis", 'a', "AXIS", help, axis).one_of({"z", "y", "x"}).default_is("z");
}

bool fills(const Scene& scene, const Extent3& whole, const Extent3& level) {
  const std::array had{whole.z, whole.y, whole.x};
  const std::array has{level.z, level.y, level.x};
  const auto enough = [&](const PixelAxis& side) {
    const auto axis = static_cast<std::size_t>(side.axis);
    return has[axis] == had[axis] || has[axis] >= side.pixels();
  };
  return std::all_of(scene.panels.begin(), scene.panels.end(),
                     [&](const Panel& panel) { return enough(panel.vertical) && enough(panel.horizontal); });
}
