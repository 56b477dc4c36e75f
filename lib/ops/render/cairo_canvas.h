// Pictures drawn by Cairo.
#pragma once

#include "ops/render/canvas.h"

namespace vox {

/// `format`: png or pdf. Text is drawn with what fontconfig has as sans-serif.
std::unique_ptr<Canvas> make_cairo_canvas(PictureFormat format, double width, double height);

}  // namespace vox
