#include "ops/render/svg_canvas.h"

#include <cmath>

#include "core/base64.h"
#include "core/numbers.h"
#include "core/xml_text.h"

namespace vox {
namespace {

/// Hundredths of a pixel are enough.
std::string coordinate(double value) { return format_number(std::round(value * 100) / 100 + 0.0); }

std::string at(PicturePoint point) {
  return " x=\"" + coordinate(point.x) + "\" y=\"" + coordinate(point.y) + "\"";
}

std::string size_of_box(double width, double height) {
  return " width=\"" + coordinate(width) + "\" height=\"" + coordinate(height) + "\"";
}

std::string hex(const Colour& colour) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "#";
  for (const std::uint8_t channel : {colour.red, colour.green, colour.blue})
    text += {kDigits[channel >> 4], kDigits[channel & 15]};
  return text;
}

std::string style_of(const Ink& ink) {
  std::string style = " style=\"fill:" + (ink.fill ? hex(*ink.fill) : "none");
  if (ink.stroke) style += ";stroke:" + hex(*ink.stroke) + ";stroke-width:" + coordinate(ink.width);
  if (ink.dashed) style += ";stroke-dasharray:4 3";
  return style + "\"";
}

}  // namespace

SvgCanvas::SvgCanvas(const PictureOutput& output, double width, double height) : output_(output) {
  body_ = "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\"" +
          size_of_box(width, height) + " viewBox=\"0 0 " + coordinate(width) + " " + coordinate(height) +
          "\" font-family=\"sans-serif\">\n";
  SvgCanvas::rectangle({0, 0}, width, height, {.fill = Colour{255, 255, 255}});
}

void SvgCanvas::rectangle(PicturePoint corner, double width, double height, const Ink& ink) {
  body_ += "<rect" + at(corner) + size_of_box(width, height) + style_of(ink) + "/>\n";
}

void SvgCanvas::path(const std::vector<PicturePoint>& points, bool closed, const Ink& ink) {
  body_ += "<path d=\"";
  for (std::size_t i = 0; i < points.size(); ++i)
    body_ += (i == 0 ? "M" : "L") + coordinate(points[i].x) + " " + coordinate(points[i].y);
  body_ += std::string(closed ? "Z" : "") + "\"" + style_of(ink) + "/>\n";
}

void SvgCanvas::text(PicturePoint where, std::string_view words, const TextStyle& style) {
  const char* const anchors[] = {"start", "middle", "end"};
  body_ += "<text" + at(where) + " text-anchor=\"" + anchors[static_cast<int>(style.anchor)] + "\"";
  if (style.degrees != 0)
    body_ += " transform=\"rotate(" + coordinate(style.degrees) + " " + coordinate(where.x) + " " +
             coordinate(where.y) + ")\"";
  body_ += " style=\"fill:" + hex(style.colour) + ";font-size:" + coordinate(style.size) + "px" +
           (style.bold ? ";font-weight:bold" : "") + "\">" + xml_escaped(words) + "</text>\n";
}

void SvgCanvas::image(const Picture& picture, PicturePoint corner) {
  std::vector<std::byte> png;
  output_.encode_png(
      picture, [&](std::span<const std::byte> bytes) { png.insert(png.end(), bytes.begin(), bytes.end()); });
  body_ += "<image" + at(corner) +
           size_of_box(static_cast<double>(picture.width()), static_cast<double>(picture.height())) +
           " style=\"image-rendering:pixelated\" xlink:href=\"data:image/png;base64," + base64(png) +
           "\"/>\n";
}

void SvgCanvas::finish() {
  body_ += "</svg>\n";
  output_.take(std::as_bytes(std::span(body_)));
}

}  // namespace vox
