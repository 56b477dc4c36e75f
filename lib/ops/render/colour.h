// A colour, as pictures hold it and as users write it.
#pragma once

#include <cstdint>
#include <string_view>

namespace vox {

/// sRGB, eight bits each.
struct Colour {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;

  bool operator==(const Colour&) const = default;
};

/// As `Picture` holds a pixel: 0x00RRGGBB.
constexpr std::uint32_t packed(const Colour& colour) {
  return static_cast<std::uint32_t>(colour.red) << 16 | static_cast<std::uint32_t>(colour.green) << 8 |
         colour.blue;
}
constexpr Colour unpacked(std::uint32_t pixel) {
  return {static_cast<std::uint8_t>(pixel >> 16), static_cast<std::uint8_t>(pixel >> 8),
          static_cast<std::uint8_t>(pixel)};
}

/// `share` of `top` over `bottom`, each channel rounded half to even. REQUIRES: share in [0, 1].
Colour blended(const Colour& bottom, const Colour& top, double share);

/// "#ff8000"; throws a usage error for anything else.
void parse_value(std::string_view text, Colour& colour);

}  // namespace vox
