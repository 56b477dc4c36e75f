#include "ops/render/histogram_plot.h"

#include <algorithm>
#include <cmath>

#include "core/numbers.h"
#include "ops/render/svg.h"
#include "ops/render/ticks.h"

namespace vox {
namespace {

constexpr double kWidth = 960;
constexpr double kHeight = 560;
constexpr double kLeft = 80;
constexpr double kRight = 890;
constexpr double kTop = 130;
constexpr double kBottom = 490;
constexpr std::string_view kSmall = "fill:#444444;font-size:11px";

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

void draw_bars(SvgPicture& picture, const EqualWidthHistogram& histogram, const Scale& scale) {
  std::vector<PicturePoint> outline{{kLeft, kBottom}};
  for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
    const double y = scale.y(static_cast<double>(histogram.counts[i]));
    outline.push_back({scale.x(histogram.edges[i]), y});
    outline.push_back({scale.x(histogram.edges[i + 1]), y});
  }
  outline.push_back({kRight, kBottom});
  picture.path(outline, true, "fill:#7f9fc6;stroke:none");
}

void draw_cumulative(SvgPicture& picture, const Statistics& statistics, const Scale& scale) {
  if (statistics.summary.count == 0) return;
  std::vector<PicturePoint> curve{{kLeft, kBottom}};
  std::int64_t below = 0;
  for (std::size_t i = 0; i < statistics.histogram.counts.size(); ++i) {
    below += statistics.histogram.counts[i];
    const double share = static_cast<double>(below) / static_cast<double>(statistics.summary.count);
    curve.push_back({scale.x(statistics.histogram.edges[i + 1]), Scale::y_of_share(share)});
  }
  picture.path(curve, false, "fill:none;stroke:#c0562a;stroke-width:1.5");
}

void draw_axes(SvgPicture& picture, const Scale& scale) {
  const std::string_view axis = "stroke:#222222;stroke-width:1";
  for (const Tick& tick : count_ticks(scale.most)) {
    const double y = scale.y(tick.value);
    picture.line({kLeft, y}, {kRight, y}, "stroke:#dddddd;stroke-width:1");
    picture.text({kLeft - 8, y + 4}, tick.label, TextAnchor::end, kSmall);
  }
  for (int percent = 0; percent <= 100; percent += 25) {
    const double y = Scale::y_of_share(percent / 100.0);
    picture.line({kRight, y}, {kRight + 5, y}, axis);
    picture.text({kRight + 8, y + 4}, std::to_string(percent) + " %", TextAnchor::start,
                 "fill:#c0562a;font-size:11px");
  }
  for (const Tick& tick : linear_ticks(scale.low, scale.high, 8)) {
    picture.line({scale.x(tick.value), kBottom}, {scale.x(tick.value), kBottom + 5}, axis);
    picture.text({scale.x(tick.value), kBottom + 19}, tick.label, TextAnchor::middle, kSmall);
  }
  picture.line({kLeft, kBottom}, {kRight, kBottom}, axis);
  picture.line({kLeft, kTop}, {kLeft, kBottom}, axis);
  picture.line({kRight, kTop}, {kRight, kBottom}, axis);
  picture.text({(kLeft + kRight) / 2, kBottom + 44}, "intensity", TextAnchor::middle, "fill:#222222");
  picture.text({24, (kTop + kBottom) / 2}, "voxels per bin", TextAnchor::middle, "fill:#222222", -90);
  picture.text({kWidth - 14, (kTop + kBottom) / 2}, "cumulative share", TextAnchor::middle, "fill:#c0562a",
               -90);
}

/// A labelled line at a value. Labels that would lie on each other are moved to the right.
class Markers {
 public:
  Markers(SvgPicture& picture, const Scale& scale) : picture_(picture), scale_(scale) {}

  void add(double value, const std::string& label, const std::string& colour) {
    const double x = scale_.x(value);
    const double label_x = std::max(x, next_free_);
    next_free_ = label_x + 13;
    picture_.path({{x, kBottom}, {x, kTop}, {label_x, kTop - 10}}, false,
                  "fill:none;stroke-dasharray:4 3;stroke-width:1;stroke:" + colour);
    picture_.text({label_x + 4, kTop - 13}, label, TextAnchor::start, "font-size:11px;fill:" + colour, -60);
  }

 private:
  SvgPicture& picture_;
  const Scale& scale_;
  double next_free_ = 0;
};

void draw_markers(SvgPicture& picture, const Statistics& statistics, std::span<const double> percentiles,
                  const Scale& scale) {
  struct Marker {
    double value;
    std::string label;
    const char* colour;
  };
  std::vector<Marker> markers;
  for (std::size_t i = 0; i < percentiles.size(); ++i)
    markers.push_back({statistics.percentiles[i], format_number(percentiles[i]) + " %", "#444444"});
  markers.push_back({statistics.otsu, "Otsu", "#2b7a4b"});
  std::stable_sort(markers.begin(), markers.end(),
                   [](const Marker& a, const Marker& b) { return a.value < b.value; });
  Markers drawn(picture, scale);
  for (const Marker& marker : markers) drawn.add(marker.value, marker.label, marker.colour);
}

}  // namespace

std::string histogram_svg(const Statistics& statistics, std::span<const double> percentiles,
                          const std::string& title) {
  SvgPicture picture(kWidth, kHeight);
  const Scale scale(statistics.histogram);
  picture.text({kLeft, 30}, title, TextAnchor::start, "fill:#111111;font-size:16px;font-weight:bold");
  std::string facts = format_count(statistics.summary.count) + " voxels";
  if (statistics.summary.count > 0)
    facts += ", mean " + format_rounded(statistics.moments.mean, 6) + ", std " +
             format_rounded(statistics.moments.std, 6) + ", median " + format_rounded(statistics.median, 6);
  picture.text({kLeft, 50}, facts, TextAnchor::start, kSmall);
  draw_axes(picture, scale);
  draw_bars(picture, statistics.histogram, scale);
  draw_cumulative(picture, statistics, scale);
  if (statistics.summary.count > 0) draw_markers(picture, statistics, percentiles, scale);
  return picture.finish();
}

}  // namespace vox
