// Pictures as text, for terminals.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "ops/render/picture.h"

namespace vox {

enum class TextColours { none, some256, all };

/// With colours, each character is two pixels, one above the other: the upper half block with 24-bit colours,
/// or with the nearest of the 216 colours and 24 greys of a terminal with 256. Without, each character is a
/// pixel: one of " .:-=+*#%@" by its brightness. Every line ends with a newline and with the usual colours.
std::string picture_text(const Picture& picture, TextColours colours);

/// Counts as one line of characters on a logarithmic scale, one for each: eighths of a block, or in `plain`
/// text one of " .:-=+*#". What is not 0 shows at least the least.
std::string count_line(std::span<const std::int64_t> counts, bool plain);

}  // namespace vox
