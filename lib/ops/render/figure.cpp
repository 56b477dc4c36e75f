#include "ops/render/figure.h"

#include <algorithm>
#include <cmath>

#include "core/numbers.h"
#include "ops/render/ticks.h"

namespace vox {
namespace {

constexpr Colour kBlack{0, 0, 0};
constexpr Colour kWhite{255, 255, 255};
constexpr Colour kDark{0x22, 0x22, 0x22};

/// Sizes that follow from the picture's.
struct Layout {
  double text = 11;  ///< height of letters around the picture
  double margin = 6;
  double bar = 11;    ///< width of the colour bar
  double labels = 0;  ///< width of its numbers
  std::vector<std::string> caption = {};

  double beside() const { return labels > 0 ? 2 * margin + bar + margin + labels + margin : 0; }
  double below() const {
    return caption.empty() ? 0 : margin + 1.35 * text * static_cast<double>(caption.size());
  }
};

/// Words in lines that are at most `width` wide; a word that is wider has a line of its own.
std::vector<std::string> wrapped(const std::string& words, double size, double width) {
  std::vector<std::string> lines;
  for (const std::string& word : split(words, ' ')) {
    if (word.empty()) continue;
    if (!lines.empty() && text_width(lines.back() + " " + word, size) <= width)
      lines.back() += " " + word;
    else
      lines.push_back(word);
  }
  return lines;
}

/// Round values, at least two so that the scale can be told, or where that cannot be the window's ends.
std::vector<Tick> colour_ticks(const Window& window, double height, double text) {
  if (!(window.high > window.low)) return {{window.low, format_rounded(window.low, 5)}};
  for (int wanted = std::clamp(static_cast<int>(height / text / 3), 2, 8); wanted <= 10; ++wanted) {
    std::vector<Tick> ticks = linear_ticks(window.low, window.high, wanted);
    if (ticks.size() >= 2) return ticks;
  }
  return {{window.low, format_rounded(window.low, 5)}, {window.high, format_rounded(window.high, 5)}};
}

Layout layout_of(const Picture& picture, const Shading& shading, const FigureWish& wish) {
  const auto width = static_cast<double>(picture.width());
  const auto height = static_cast<double>(picture.height());
  Layout layout;
  layout.text = std::round(std::clamp(std::sqrt(width * height) / 45, 11.0, 60.0));
  layout.margin = std::round(layout.text / 2);
  layout.bar = layout.text;
  if (wish.colour_bar)
    for (const Tick& tick : colour_ticks(shading.window, height, layout.text))
      layout.labels = std::max(layout.labels, text_width(tick.label, layout.text));
  layout.caption = wrapped(wish.caption, layout.text, std::max(width - layout.text, 8 * layout.text));
  return layout;
}

/// White letters that can be read on any ground.
void text_over(Canvas& canvas, PicturePoint at, const std::string& words, TextStyle style) {
  const double away = std::max(1.0, style.size / 12);
  style.colour = kBlack;
  for (const auto& [x, y] : {std::pair{-away, 0.0}, {away, 0.0}, {0.0, -away}, {0.0, away}})
    canvas.text({at.x + x, at.y + y}, words, style);
  style.colour = kWhite;
  canvas.text(at, words, style);
}

void line_over(Canvas& canvas, const std::vector<PicturePoint>& points, double width) {
  canvas.path(points, false, {.stroke = kBlack, .width = 3 * width});
  canvas.path(points, false, {.stroke = kWhite, .width = width});
}

/// Height of letters within a panel: those around the picture may be too large for one of many.
double text_within(const Panel& panel, const Layout& layout) {
  const auto shortest = static_cast<double>(std::min(panel.horizontal.pixels(), panel.vertical.pixels()));
  return std::clamp(std::round(shortest / 9), 6.0, layout.text);
}

void draw_scale_bar(Canvas& canvas, const Scene& scene, const std::string& unit, const Layout& layout) {
  const Panel& panel = scene.panels.back();
  const double text = text_within(panel, layout);
  const double margin = std::round(text / 2);
  const auto width = static_cast<double>(panel.horizontal.pixels());
  const double length = round_length(0.4 * width * scene.pixel_size);
  const double pixels = length / scene.pixel_size;
  const double right = static_cast<double>(panel.left) + width - margin;
  const double bottom = static_cast<double>(panel.top + panel.vertical.pixels()) - margin;
  const double thick = std::max(2.0, std::round(text / 4));
  canvas.rectangle({right - pixels - 1, bottom - thick - 1}, pixels + 2, thick + 2, {.fill = kBlack});
  canvas.rectangle({right - pixels, bottom - thick}, pixels, thick, {.fill = kWhite});
  const std::string label =
      format_number(length) + (unit.empty() ? "" : " ") + (unit == "um" ? "\u00b5m" : unit);
  // A label wider than its bar stays within the panel.
  const double half = text_width(label, text) / 2;
  text_over(canvas, {std::min(right - pixels / 2, right - half), bottom - thick - margin}, label,
            {.size = text, .anchor = TextAnchor::middle});
}

void draw_axes(Canvas& canvas, const Panel& panel, const Layout& layout) {
  const char* const names[] = {"z", "y", "x"};
  const double text = text_within(panel, layout);
  const double length = 1.6 * text;
  const double head = text / 4;
  const double x = static_cast<double>(panel.left) + std::round(text / 2);
  const double y = static_cast<double>(panel.top) + std::round(text / 2);
  const double width = std::max(1.0, text / 10);
  line_over(canvas, {{x, y}, {x + length, y}}, width);
  line_over(canvas, {{x + length - head, y - head}, {x + length, y}, {x + length - head, y + head}}, width);
  line_over(canvas, {{x, y}, {x, y + length}}, width);
  line_over(canvas, {{x - head, y + length - head}, {x, y + length}, {x + head, y + length - head}}, width);
  text_over(canvas, {x + length + head, y + text / 3}, names[static_cast<int>(panel.horizontal.axis)],
            {.size = text});
  text_over(canvas, {x, y + length + text}, names[static_cast<int>(panel.vertical.axis)],
            {.size = text, .anchor = TextAnchor::middle});
}

void draw_colour_bar(Canvas& canvas, const Picture& picture, const Shading& shading, const Layout& layout) {
  const Window& window = shading.window;
  const auto left = static_cast<std::int64_t>(static_cast<double>(picture.width()) + 2 * layout.margin);
  const std::int64_t height = picture.height();
  Picture bar(static_cast<std::int64_t>(layout.bar), height, kWhite);
  const ColourTable& table = colour_table(shading.colormap);
  const auto value_at = [&](std::int64_t y) {
    const double share = (static_cast<double>(height - 1 - y) + 0.5) / static_cast<double>(height);
    return window.low * (1 - share) + window.high * share;
  };
  for (std::int64_t y = 0; y < height; ++y)
    std::fill_n(bar.row(y), bar.width(), packed(table[static_cast<std::size_t>(window.shade(value_at(y)))]));
  canvas.image(bar, {static_cast<double>(left), 0});
  const double right = static_cast<double>(left + bar.width());
  for (const Tick& tick : colour_ticks(window, static_cast<double>(height), layout.text)) {
    const double span = window.high / 2 - window.low / 2;
    const double share = span > 0 ? (tick.value / 2 - window.low / 2) / span : 0.5;
    const double y = static_cast<double>(height) * (1 - share);
    canvas.line({right - layout.bar / 4, y}, {right + layout.margin / 2, y}, {.stroke = kDark});
    const double base = std::clamp(y + 0.35 * layout.text, 0.8 * layout.text, static_cast<double>(height));
    canvas.text({right + layout.margin, base}, tick.label, {.colour = kDark, .size = layout.text});
  }
}

}  // namespace

double round_length(double most) {
  const double power = std::pow(10, std::floor(std::log10(most)));
  const double first = most / power;
  return (first >= 5 ? 5 : first >= 2 ? 2 : 1) * power;
}

void draw_figure(const Picture& picture, const Scene& scene, const Shading& shading, const FigureWish& wish,
                 const std::string& unit, const PictureOutput& output) {
  const Layout layout = layout_of(picture, shading, wish);
  const auto height = static_cast<double>(picture.height());
  double width = static_cast<double>(picture.width()) + layout.beside();
  for (const std::string& line : layout.caption)
    width = std::max(width, text_width(line, layout.text) + layout.text);
  const auto canvas = make_canvas(output, std::ceil(width), std::ceil(height + layout.below()));
  canvas->image(picture, {0, 0});
  if (wish.colour_bar) draw_colour_bar(*canvas, picture, shading, layout);
  const Panel* before = nullptr;
  for (const Panel& panel : scene.panels) {
    if (wish.axes && (before == nullptr || before->normal != panel.normal)) draw_axes(*canvas, panel, layout);
    before = &panel;
  }
  if (wish.scale_bar) draw_scale_bar(*canvas, scene, unit, layout);
  double base = height + layout.margin + layout.text * 0.9;
  for (const std::string& line : layout.caption) {
    canvas->text({layout.margin, base}, line, {.colour = kDark, .size = layout.text});
    base += 1.35 * layout.text;
  }
  canvas->finish();
}

}  // namespace vox
