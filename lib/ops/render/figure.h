// What is written around and over a picture of planes.
#pragma once

#include <string>

#include "ops/render/canvas.h"
#include "ops/render/painter.h"
#include "ops/render/scene.h"

namespace vox {

/// Nothing of it stands in a picture unless it is asked for.
struct FigureWish {
  bool scale_bar =
      false;  ///< in the last panel, lower right: 1, 2 or 5 times a power of ten, at most 0.4 wide
  bool colour_bar = false;   ///< to the right: the window's colours with numbers
  bool axes = false;         ///< arrows with names, in the upper left of each panel that lies another way
  std::string caption = {};  ///< below, in lines as wide as the picture

  bool any() const { return scale_bar || colour_bar || axes || !caption.empty(); }
};

/// `unit`: short name of the unit of `scene.pixel_size`; "voxels" where there is no spacing.
void draw_figure(const Picture& picture, const Scene& scene, const Shading& shading, const FigureWish& wish,
                 const std::string& unit, const PictureOutput& output);

/// The largest of 1, 2 and 5 times a power of ten that is not beyond `most`. REQUIRES: most is positive.
double round_length(double most);

}  // namespace vox
