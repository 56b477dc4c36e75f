// Pictures drawn by Cairo.
#pragma once

#include "ops/render/canvas.h"

namespace vox {

/// A PNG or PDF. Text is drawn with what fontconfig has as sans-serif.
std::unique_ptr<Canvas> make_cairo_canvas(const PictureOutput& output, double width, double height);

}  // namespace vox
