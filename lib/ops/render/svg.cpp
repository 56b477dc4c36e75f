#include "ops/render/svg.h"

#include <cmath>

#include "core/numbers.h"
#include "core/xml_text.h"

namespace vox {
namespace {

/// Hundredths of a pixel are enough.
std::string coordinate(double value) { return format_number(std::round(value * 100) / 100 + 0.0); }

std::string at(PicturePoint point) {
  return " x=\"" + coordinate(point.x) + "\" y=\"" + coordinate(point.y) + "\"";
}

}  // namespace

SvgPicture::SvgPicture(double width, double height) {
  const std::string size = coordinate(width) + " " + coordinate(height);
  body_ = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + coordinate(width) + "\" height=\"" +
          coordinate(height) + "\" viewBox=\"0 0 " + size +
          "\" font-family=\"sans-serif\" font-size=\"12\">\n";
  rectangle({0, 0}, width, height, "fill:#ffffff");
}

SvgPicture& SvgPicture::rectangle(PicturePoint corner, double width, double height, std::string_view style) {
  body_ += "<rect" + at(corner) + " width=\"" + coordinate(width) + "\" height=\"" + coordinate(height) +
           "\" style=\"" + std::string(style) + "\"/>\n";
  return *this;
}

SvgPicture& SvgPicture::line(PicturePoint from, PicturePoint to, std::string_view style) {
  body_ += "<line x1=\"" + coordinate(from.x) + "\" y1=\"" + coordinate(from.y) + "\" x2=\"" +
           coordinate(to.x) + "\" y2=\"" + coordinate(to.y) + "\" style=\"" + std::string(style) + "\"/>\n";
  return *this;
}

SvgPicture& SvgPicture::path(const std::vector<PicturePoint>& points, bool closed, std::string_view style) {
  body_ += "<path d=\"";
  for (std::size_t i = 0; i < points.size(); ++i)
    body_ += (i == 0 ? "M" : "L") + coordinate(points[i].x) + " " + coordinate(points[i].y);
  body_ += std::string(closed ? "Z" : "") + "\" style=\"" + std::string(style) + "\"/>\n";
  return *this;
}

SvgPicture& SvgPicture::text(PicturePoint where, std::string_view words, TextAnchor anchor,
                             std::string_view style, double degrees) {
  const char* const anchors[] = {"start", "middle", "end"};
  body_ += "<text" + at(where) + " text-anchor=\"" + anchors[static_cast<int>(anchor)] + "\"";
  if (degrees != 0)
    body_ += " transform=\"rotate(" + coordinate(degrees) + " " + coordinate(where.x) + " " +
             coordinate(where.y) + ")\"";
  body_ += " style=\"" + std::string(style) + "\">" + xml_escaped(words) + "</text>\n";
  return *this;
}

}  // namespace vox
