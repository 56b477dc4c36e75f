#include "ops/render/histogram_plot.h"

#include <algorithm>
#include <cmath>

#include "core/numbers.h"
#include "ops/render/ticks.h"

namespace vox {
namespace {

constexpr double kWidth = 960;
constexpr double kHeight = 560;
constexpr double kLeft = 80;
constexpr double kRight = 890;
constexpr double kTop = 130;
constexpr double kBottom = 490;
constexpr Colour kBlue{0x7f, 0x9f, 0xc6};
constexpr Colour kOrange{0xc0, 0x56, 0x2a};
constexpr Colour kGreen{0x2b, 0x7a, 0x4b};
constexpr Colour kGrey{0x44, 0x44, 0x44};
constexpr Colour kBlack{0x22, 0x22, 0x22};

TextStyle small(TextAnchor anchor, const Colour& colour = kGrey) {
  return {.colour = colour, .size = 11, .anchor = anchor};
}

/// From values and counts to pixels.
struct Scale {
  double low = 0;
  double high = 1;
  double most = 1;  ///< largest count

  explicit Scale(const EqualWidthHistogram& histogram)
      : low(histogram.edges.front()),
        high(histogram.edges.back()),
        most(static_cast<double>(*std::max_element(histogram.counts.begin(), histogram.counts.end()))) {}

  /// In halves, so that the whole range of doubles fits.
  double x(double value) const {
    const double share = (value / 2 - low / 2) / (high / 2 - low / 2);
    return kLeft + (kRight - kLeft) * std::clamp(share, 0.0, 1.0);
  }
  /// Half a count lies on the axis, so that a single voxel can be seen.
  double y(double count) const {
    if (count < 0.5) return kBottom;
    return kBottom - (kBottom - kTop) * std::log(count / 0.5) / std::log(std::max(most, 1.0) * 1.5 / 0.5);
  }
  static double y_of_share(double share) { return kBottom - (kBottom - kTop) * share; }
};

void draw_bars(Canvas& picture, const EqualWidthHistogram& histogram, const Scale& scale) {
  std::vector<PicturePoint> outline{{kLeft, kBottom}};
  for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
    const double y = scale.y(static_cast<double>(histogram.counts[i]));
    outline.push_back({scale.x(histogram.edges[i]), y});
    outline.push_back({scale.x(histogram.edges[i + 1]), y});
  }
  outline.push_back({kRight, kBottom});
  picture.path(outline, true, {.fill = kBlue});
}

void draw_cumulative(Canvas& picture, const Statistics& statistics, const Scale& scale) {
  if (statistics.summary.count == 0) return;
  std::vector<PicturePoint> curve{{kLeft, kBottom}};
  std::int64_t below = 0;
  for (std::size_t i = 0; i < statistics.histogram.counts.size(); ++i) {
    below += statistics.histogram.counts[i];
    const double share = static_cast<double>(below) / static_cast<double>(statistics.summary.count);
    curve.push_back({scale.x(statistics.histogram.edges[i + 1]), Scale::y_of_share(share)});
  }
  picture.path(curve, false, {.stroke = kOrange, .width = 1.5});
}

void draw_axes(Canvas& picture, const Scale& scale) {
  const Ink axis{.stroke = kBlack};
  for (const Tick& tick : count_ticks(scale.most)) {
    const double y = scale.y(tick.value);
    picture.line({kLeft, y}, {kRight, y}, {.stroke = Colour{0xdd, 0xdd, 0xdd}});
    picture.text({kLeft - 8, y + 4}, tick.label, small(TextAnchor::end));
  }
  for (int percent = 0; percent <= 100; percent += 25) {
    const double y = Scale::y_of_share(percent / 100.0);
    picture.line({kRight, y}, {kRight + 5, y}, axis);
    picture.text({kRight + 8, y + 4}, std::to_string(percent) + " %", small(TextAnchor::start, kOrange));
  }
  for (const Tick& tick : linear_ticks(scale.low, scale.high, 8)) {
    picture.line({scale.x(tick.value), kBottom}, {scale.x(tick.value), kBottom + 5}, axis);
    picture.text({scale.x(tick.value), kBottom + 19}, tick.label, small(TextAnchor::middle));
  }
  picture.line({kLeft, kBottom}, {kRight, kBottom}, axis);
  picture.line({kLeft, kTop}, {kLeft, kBottom}, axis);
  picture.line({kRight, kTop}, {kRight, kBottom}, axis);
  picture.text({(kLeft + kRight) / 2, kBottom + 44}, "intensity", {.anchor = TextAnchor::middle});
  picture.text({24, (kTop + kBottom) / 2}, "voxels per bin", {.anchor = TextAnchor::middle, .degrees = -90});
  picture.text({kWidth - 14, (kTop + kBottom) / 2}, "cumulative share",
               {.colour = kOrange, .anchor = TextAnchor::middle, .degrees = -90});
}

/// A labelled line at a value. Labels that would lie on each other are moved to the right.
class Markers {
 public:
  Markers(Canvas& picture, const Scale& scale) : picture_(picture), scale_(scale) {}

  void add(double value, const std::string& label, const Colour& colour) {
    const double x = scale_.x(value);
    const double label_x = std::max(x, next_free_);
    next_free_ = label_x + 13;
    picture_.path({{x, kBottom}, {x, kTop}, {label_x, kTop - 10}}, false, {.stroke = colour, .dashed = true});
    picture_.text({label_x + 4, kTop - 13}, label, {.colour = colour, .size = 11, .degrees = -60});
  }

 private:
  Canvas& picture_;
  const Scale& scale_;
  double next_free_ = 0;
};

void draw_markers(Canvas& picture, const Statistics& statistics, std::span<const double> percentiles,
                  const Scale& scale) {
  struct Marker {
    double value;
    std::string label;
    Colour colour;
  };
  std::vector<Marker> markers;
  for (std::size_t i = 0; i < percentiles.size(); ++i)
    markers.push_back({statistics.percentiles[i], format_number(percentiles[i]) + " %", kGrey});
  markers.push_back({statistics.otsu, "Otsu", kGreen});
  std::stable_sort(markers.begin(), markers.end(),
                   [](const Marker& a, const Marker& b) { return a.value < b.value; });
  Markers drawn(picture, scale);
  for (const Marker& marker : markers) drawn.add(marker.value, marker.label, marker.colour);
}

}  // namespace

void draw_histogram(const Statistics& statistics, std::span<const double> percentiles,
                    const std::string& title, const PictureOutput& output) {
  const auto canvas = make_canvas(output, kWidth, kHeight);
  const Scale scale(statistics.histogram);
  canvas->text({kLeft, 30}, title, {.size = 16, .bold = true});
  std::string facts = format_count(statistics.summary.count) + " voxels";
  if (statistics.summary.count > 0)
    facts += ", mean " + format_rounded(statistics.moments.mean, 6) + ", std " +
             format_rounded(statistics.moments.std, 6) + ", median " + format_rounded(statistics.median, 6);
  canvas->text({kLeft, 50}, facts, small(TextAnchor::start));
  draw_axes(*canvas, scale);
  draw_bars(*canvas, statistics.histogram, scale);
  draw_cumulative(*canvas, statistics, scale);
  if (statistics.summary.count > 0) draw_markers(*canvas, statistics, percentiles, scale);
  canvas->finish();
}

}  // namespace vox
