#include "ops/render/colour.h"

#include <charconv>
#include <cmath>
#include <string>

#include "core/error.h"

namespace vox {
namespace {

std::uint8_t blended(std::uint8_t bottom, std::uint8_t top, double share) {
  return static_cast<std::uint8_t>(std::nearbyint(bottom * (1 - share) + top * share));
}

}  // namespace

Colour blended(const Colour& bottom, const Colour& top, double share) {
  return {blended(bottom.red, top.red, share), blended(bottom.green, top.green, share),
          blended(bottom.blue, top.blue, share)};
}

void parse_value(std::string_view text, Colour& colour) {
  std::uint32_t pixel = 0;
  const char* const end = text.data() + text.size();
  const bool formed = text.size() == 7 && text[0] == '#';
  if (!formed || std::from_chars(text.data() + 1, end, pixel, 16).ptr != end)
    fail_usage("'" + std::string(text) + "' is not a colour; write six hexadecimal digits such as #ff8000");
  colour = unpacked(pixel);
}

}  // namespace vox
