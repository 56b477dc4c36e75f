// What was found for every plane or section of a volume, as curves for reports.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ops/render/canvas.h"

namespace vox {

/// Values of planes 0, 1, ...; where one is not finite the curve is broken.
struct ProfileCurve {
  std::string name;
  std::span<const double> values;
};

/// Curves that share a scale.
struct ProfilePanel {
  std::string quantity;
  std::vector<ProfileCurve> curves;
  std::optional<double> usual = {};  ///< a dashed line
};

struct ProfilePlot {
  std::string title;
  std::string subtitle;
  std::string along;  ///< what is counted: "plane", "section"
  std::vector<ProfilePanel> panels;
};

/// The panels one above the other. Of curves with more values than the picture has pixels the lowest and the
/// highest of each pixel are drawn. REQUIRES: curves of one length, at least 1.
void draw_profile(const ProfilePlot& plot, const PictureOutput& output);

}  // namespace vox
