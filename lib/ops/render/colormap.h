// From shades and labels to colours.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ops/render/colour.h"

namespace vox {

/// A colour for each of 256 shades.
using ColourTable = std::array<Colour, 256>;

/// What --colormap takes: the tables, then `labels`.
std::vector<std::string> colormap_names();

/// The table of that name. gray is (i, i, i); viridis, magma and inferno are by van der Walt and Smith (CC0),
/// turbo by Mikhailov, coolwarm by Moreland (33 points, interpolated). REQUIRES: a name of a table.
const ColourTable& colour_table(std::string_view name);

/// The colour of a label, the same in every picture: black for 0; else the hue is the fraction of
/// label * 0.618034 (so that neighbouring numbers lie 137 degrees apart), the saturation 0.75, and the value
/// 1, 0.85 and 0.7 in turn.
Colour label_colour(std::uint64_t label);

}  // namespace vox
