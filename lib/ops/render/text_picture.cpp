#include "ops/render/text_picture.h"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace vox {
namespace {

int brightness(const Colour& colour) {
  return (299 * colour.red + 587 * colour.green + 114 * colour.blue + 500) / 1000;
}

int squared_distance(const Colour& a, const Colour& b) {
  const int red = a.red - b.red;
  const int green = a.green - b.green;
  const int blue = a.blue - b.blue;
  return red * red + green * green + blue * blue;
}

/// The nearest of the colours that terminals number 16 to 255.
int palette_number(const Colour& colour) {
  constexpr std::uint8_t kLevels[] = {0, 95, 135, 175, 215, 255};
  const auto level = [&](int channel) { return channel < 48 ? 0 : channel < 115 ? 1 : (channel - 35) / 40; };
  const int red = level(colour.red);
  const int green = level(colour.green);
  const int blue = level(colour.blue);
  const Colour cube{kLevels[red], kLevels[green], kLevels[blue]};
  const int grey = std::clamp((brightness(colour) - 3) / 10, 0, 23);
  const auto shade = static_cast<std::uint8_t>(8 + 10 * grey);
  if (squared_distance(colour, {shade, shade, shade}) < squared_distance(colour, cube)) return 232 + grey;
  return 16 + 36 * red + 6 * green + blue;
}

/// What chooses a colour, for letters (38) or for what is behind them (48).
std::string colour_code(const Colour& colour, TextColours colours, const char* where) {
  if (colours == TextColours::some256)
    return std::string("\x1b[") + where + ";5;" + std::to_string(palette_number(colour)) + "m";
  return std::string("\x1b[") + where + ";2;" + std::to_string(colour.red) + ";" +
         std::to_string(colour.green) + ";" + std::to_string(colour.blue) + "m";
}

/// One line of half blocks; colours are named where they change.
std::string half_blocks(const Picture& picture, std::int64_t y, TextColours colours) {
  std::string line;
  std::string upper_before;
  std::string lower_before;
  for (std::int64_t x = 0; x < picture.width(); ++x) {
    const std::string upper = colour_code(picture.at(x, y), colours, "38");
    const std::string lower =
        y + 1 < picture.height() ? colour_code(picture.at(x, y + 1), colours, "48") : "\x1b[49m";
    if (upper != upper_before) line += upper;
    if (lower != lower_before) line += lower;
    line += "\u2580";
    upper_before = upper;
    lower_before = lower;
  }
  return line + "\x1b[0m\n";
}

}  // namespace

std::string picture_text(const Picture& picture, TextColours colours) {
  std::string text;
  if (colours != TextColours::none) {
    for (std::int64_t y = 0; y < picture.height(); y += 2) text += half_blocks(picture, y, colours);
    return text;
  }
  constexpr std::string_view kRamp = " .:-=+*#%@";
  for (std::int64_t y = 0; y < picture.height(); ++y) {
    for (std::int64_t x = 0; x < picture.width(); ++x)
      text += kRamp[static_cast<std::size_t>(brightness(picture.at(x, y))) * kRamp.size() / 256];
    text += '\n';
  }
  return text;
}

std::string count_line(std::span<const std::int64_t> counts, bool plain) {
  const char* const blocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const char* const letters[] = {" ", ".", ":", "-", "=", "+", "*", "#", "#"};
  if (counts.empty()) return {};
  const double most = std::log1p(static_cast<double>(*std::max_element(counts.begin(), counts.end())));
  std::string line;
  for (const std::int64_t count : counts) {
    const double share = count == 0 ? 0 : std::log1p(static_cast<double>(count)) / most;
    const auto eighths = count == 0 ? 0 : std::max(1, static_cast<int>(std::lround(share * 8)));
    line += (plain ? letters : blocks)[eighths];
  }
  return line;
}

}  // namespace vox
