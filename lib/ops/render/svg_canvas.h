// Pictures as SVG text, element by element.
#pragma once

#include "ops/render/canvas.h"

namespace vox {

class SvgCanvas final : public Canvas {
 public:
  SvgCanvas(const PictureOutput& output, double width, double height);

  void rectangle(PicturePoint corner, double width, double height, const Ink& ink) override;
  void path(const std::vector<PicturePoint>& points, bool closed, const Ink& ink) override;
  void text(PicturePoint at, std::string_view words, const TextStyle& style) override;
  /// A PNG within the SVG.
  void image(const Picture& picture, PicturePoint corner) override;
  void finish() override;

 private:
  const PictureOutput& output_;
  std::string body_;
};

}  // namespace vox
