#include "ops/render/profile_plot.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/render/ticks.h"

namespace vox {
namespace {

constexpr double kWidth = 960;
constexpr double kHeight = 560;
constexpr double kLeft = 110;
constexpr double kRight = 930;
constexpr double kTop = 80;
constexpr double kBottom = 500;
constexpr double kGap = 34;  // between panels
constexpr Colour kGrey{0x44, 0x44, 0x44};
constexpr Colour kBlack{0x22, 0x22, 0x22};
/// Of the curves, in the order of the plot.
constexpr Colour kColours[] = {
    {0x8c, 0x8c, 0x8c}, {0x1f, 0x5f, 0xa8}, {0xc0, 0x56, 0x2a}, {0x2b, 0x7a, 0x4b}};

/// A panel's place, and from values to pixels.
struct Frame {
  double top = 0;
  double bottom = 0;
  double low = 0;
  double high = 1;
  double last = 1;  ///< the number of the last plane

  double x(double index) const { return kLeft + (kRight - kLeft) * (last > 0 ? index / last : 0.5); }
  /// In halves, so that the whole range of doubles fits.
  double y(double value) const {
    const double share = (value / 2 - low / 2) / (high / 2 - low / 2);
    return bottom - (bottom - top) * share;
  }
};

/// From the lowest to the highest value and a twentieth beyond.
void find_range(const ProfilePanel& panel, Frame& frame) {
  double low = panel.usual.value_or(std::numeric_limits<double>::infinity());
  double high = panel.usual.value_or(-std::numeric_limits<double>::infinity());
  for (const ProfileCurve& curve : panel.curves)
    for (const double value : curve.values) {
      if (!std::isfinite(value)) continue;
      low = std::min(low, value);
      high = std::max(high, value);
    }
  if (low > high) low = high = 0;
  const double most = std::numeric_limits<double>::max();
  const double beyond = high > low ? high / 20 - low / 20 : std::max(std::abs(high) / 10, 1e-300);
  frame.low = std::max(low - beyond, -most);
  frame.high = std::min(high + beyond, most);
}

/// Points of a curve without those that no pixel would show; a broken curve has several parts.
std::vector<std::vector<PicturePoint>> parts_of(std::span<const double> values, const Frame& frame) {
  const auto step = static_cast<std::size_t>(
      std::max(1.0, std::floor(static_cast<double>(values.size()) / (kRight - kLeft))));
  std::vector<std::vector<PicturePoint>> parts(1);
  for (std::size_t begin = 0; begin < values.size(); begin += step) {
    const auto some = values.subspan(begin, std::min(step, values.size() - begin));
    if (!std::all_of(some.begin(), some.end(), [](double value) { return std::isfinite(value); })) {
      if (!parts.back().empty()) parts.emplace_back();
      continue;
    }
    const auto [low, high] = std::minmax_element(some.begin(), some.end());
    const double x = frame.x(static_cast<double>(begin));
    parts.back().push_back({x, frame.y(*low)});
    if (high != low) parts.back().push_back({x, frame.y(*high)});
  }
  return parts;
}

void draw_curve(Canvas& canvas, const ProfileCurve& curve, const Frame& frame, const Colour& colour) {
  for (const std::vector<PicturePoint>& part : parts_of(curve.values, frame)) {
    if (part.size() == 1)
      canvas.rectangle({part[0].x - 1.5, part[0].y - 1.5}, 3, 3, {.fill = colour});
    else if (!part.empty())
      canvas.path(part, false, {.stroke = colour, .width = 1.5});
  }
}

void draw_scale(Canvas& canvas, const ProfilePanel& panel, const Frame& frame) {
  const Ink axis{.stroke = kBlack};
  const int wanted = static_cast<int>((frame.bottom - frame.top) / 30);
  for (const Tick& tick : linear_ticks(frame.low, frame.high, wanted)) {
    canvas.line({kLeft, frame.y(tick.value)}, {kRight, frame.y(tick.value)},
                {.stroke = Colour{0xdd, 0xdd, 0xdd}});
    canvas.text({kLeft - 8, frame.y(tick.value) + 4}, tick.label,
                {.colour = kGrey, .size = 11, .anchor = TextAnchor::end});
  }
  // Planes are whole numbers.
  for (const Tick& tick : linear_ticks(0, frame.last, static_cast<int>(std::clamp(frame.last, 1.0, 8.0)))) {
    canvas.line({frame.x(tick.value), frame.bottom}, {frame.x(tick.value), frame.bottom + 5}, axis);
    canvas.text({frame.x(tick.value), frame.bottom + 18}, tick.label,
                {.colour = kGrey, .size = 11, .anchor = TextAnchor::middle});
  }
  canvas.line({kLeft, frame.bottom}, {kRight, frame.bottom}, axis);
  canvas.line({kLeft, frame.top}, {kLeft, frame.bottom}, axis);
  canvas.text({24, (frame.top + frame.bottom) / 2}, panel.quantity,
              {.anchor = TextAnchor::middle, .degrees = -90});
}

/// Names of the curves, where there are several, from the right above the panel.
void draw_names(Canvas& canvas, const ProfilePanel& panel, const Frame& frame, std::size_t first) {
  constexpr double kColumn = 110;
  if (panel.curves.size() < 2) return;
  double x = kRight - kColumn * static_cast<double>(panel.curves.size());
  for (std::size_t i = 0; i < panel.curves.size(); ++i, x += kColumn) {
    const Colour& colour = kColours[(first + i) % std::size(kColours)];
    canvas.line({x, frame.top - 10}, {x + 20, frame.top - 10}, {.stroke = colour, .width = 2});
    canvas.text({x + 26, frame.top - 6}, panel.curves[i].name, {.colour = kGrey, .size = 11});
  }
}

}  // namespace

void draw_profile(const ProfilePlot& plot, const PictureOutput& output) {
  const auto canvas = make_canvas(output, kWidth, kHeight);
  canvas->text({kLeft, 30}, plot.title, {.size = 16, .bold = true});
  canvas->text({kLeft, 50}, plot.subtitle, {.colour = kGrey, .size = 11});
  const auto panels = static_cast<double>(plot.panels.size());
  const double height = (kBottom - kTop - kGap * (panels - 1)) / panels;
  double top = kTop;
  std::size_t curve_number = 0;
  for (const ProfilePanel& panel : plot.panels) {
    Frame frame{.top = top, .bottom = top + height};
    frame.last = static_cast<double>(panel.curves.front().values.size() - 1);
    find_range(panel, frame);
    draw_scale(*canvas, panel, frame);
    draw_names(*canvas, panel, frame, curve_number);
    if (panel.usual)
      canvas->line({kLeft, frame.y(*panel.usual)}, {kRight, frame.y(*panel.usual)},
                   {.stroke = kGrey, .dashed = true});
    for (const ProfileCurve& curve : panel.curves)
      draw_curve(*canvas, curve, frame, kColours[curve_number++ % std::size(kColours)]);
    top += height + kGap;
  }
  canvas->text({(kLeft + kRight) / 2, kBottom + 42}, plot.along, {.anchor = TextAnchor::middle});
  canvas->finish();
}

}  // namespace vox
