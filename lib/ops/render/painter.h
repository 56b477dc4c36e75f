// Draws planes of voxels, and labels over them.
#pragma once

#include "ops/render/colormap.h"
#include "ops/render/picture.h"
#include "ops/render/plane_voxels.h"
#include "ops/render/scene.h"
#include "ops/render/window.h"

namespace vox {

/// How voxels become colours.
struct Shading {
  Window window;
  std::string colormap = "gray";  ///< `labels`: by number, the window has no part in it
  Colour nan{255, 0, 255};
};

/// How labels are drawn over a picture.
struct OverlayStyle {
  double opacity = 0.4;   ///< of the labels' colours; label 0 is not drawn
  bool outlines = false;  ///< pixels of a label with a neighbour (of four) of another one, opaque
};

/// Voxels that stand where a panel asks for them; `plane` has the panel's rows and columns.
void draw_plane(const PlaneVoxels& plane, const Panel& panel, const Shading& shading, Picture& picture);

/// Squares of `tile` pixels of two pictures of one size in turn, from `first` in the upper left.
Picture checkered(const Picture& first, const Picture& second, std::int64_t tile);

/// Labels on what is drawn already. Floating voxels are rounded half to even; NaN is no label.
void draw_labels(const PlaneVoxels& labels, const Panel& panel, const OverlayStyle& style, Picture& picture);

}  // namespace vox
