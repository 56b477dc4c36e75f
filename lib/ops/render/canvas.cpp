#include "ops/render/canvas.h"

#include "core/error.h"
#include "ops/render/cairo_canvas.h"
#include "ops/render/svg_canvas.h"

namespace vox {

PictureFormat picture_format(const std::string& path, const std::string& option) {
  if (path.ends_with(".png")) return PictureFormat::png;
  if (path.ends_with(".svg")) return PictureFormat::svg;
  if (path.ends_with(".pdf")) return PictureFormat::pdf;
  fail_usage(option + " " + path +
             ": pictures are PNG, SVG or PDF; name a file ending in .png, .svg or .pdf");
}

std::unique_ptr<Canvas> make_canvas(const PictureOutput& output, double width, double height) {
  if (output.format == PictureFormat::svg) return std::make_unique<SvgCanvas>(output, width, height);
  return make_cairo_canvas(output, width, height);
}

}  // namespace vox
