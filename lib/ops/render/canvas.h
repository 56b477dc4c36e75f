// Pictures with lines and words: one set of calls for PNG, PDF and SVG.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "ops/render/picture_output.h"

namespace vox {

struct PicturePoint {
  double x = 0;
  double y = 0;
};

/// How a shape is drawn: filled, then outlined.
struct Ink {
  std::optional<Colour> fill = {};
  std::optional<Colour> stroke = {};
  double width = 1;  ///< of the outline
  bool dashed = false;
};

enum class TextAnchor { start, middle, end };

struct TextStyle {
  Colour colour{0x22, 0x22, 0x22};
  double size = 12;
  bool bold = false;
  TextAnchor anchor = TextAnchor::start;
  double degrees = 0;  ///< turned clockwise around its place
};

/// A white picture of fixed size; coordinates count from the upper left, in pixels (points in PDF).
class Canvas {
 public:
  virtual ~Canvas() = default;
  Canvas(const Canvas&) = delete;
  Canvas& operator=(const Canvas&) = delete;

  virtual void rectangle(PicturePoint corner, double width, double height, const Ink& ink) = 0;
  /// A line through all points; `closed` joins the last to the first.
  virtual void path(const std::vector<PicturePoint>& points, bool closed, const Ink& ink) = 0;
  /// `at` is on the base line. Bytes that are not UTF-8 are drawn as U+FFFD, control characters as `?`.
  virtual void text(PicturePoint at, std::string_view words, const TextStyle& style) = 0;
  /// Each pixel becomes a square of one unit.
  virtual void image(const Picture& picture, PicturePoint corner) = 0;
  /// Gives the picture to its output.
  virtual void finish() = 0;

  void line(PicturePoint from, PicturePoint to, const Ink& ink) { path({from, to}, false, ink); }

 protected:
  Canvas() = default;
};

/// PNG and PDF are drawn by Cairo; SVG is written by ourselves, so that words stay words and the same picture
/// gives the same bytes whatever fonts there are. The output must live as long.
std::unique_ptr<Canvas> make_canvas(const PictureOutput& output, double width, double height);

/// About the width of `words` when they are drawn in the sans-serif font.
double text_width(std::string_view words, double size);

}  // namespace vox
