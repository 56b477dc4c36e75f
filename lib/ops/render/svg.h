// Pictures as SVG text, element by element.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vox {

struct PicturePoint {
  double x = 0;
  double y = 0;
};

enum class TextAnchor { start, middle, end };

/// A picture of fixed size; coordinates count from the upper left, in pixels.
class SvgPicture {
 public:
  SvgPicture(double width, double height);

  SvgPicture& rectangle(PicturePoint corner, double width, double height, std::string_view style);
  SvgPicture& line(PicturePoint from, PicturePoint to, std::string_view style);
  /// A line through all points; `closed` joins the last to the first and fills.
  SvgPicture& path(const std::vector<PicturePoint>& points, bool closed, std::string_view style);
  /// `degrees` turns the text around `at`.
  SvgPicture& text(PicturePoint at, std::string_view words, TextAnchor anchor, std::string_view style,
                   double degrees = 0);

  std::string finish() const { return body_ + "</svg>\n"; }

 private:
  std::string body_;
};

}  // namespace vox
