// Bars drawn with characters, for terminals.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace vox {

/// Counts as bars of eighths of a character, four lines high, on a logarithmic scale, at most `width` columns
/// wide (bins are added up to fit). A bin that holds anything shows at least an eighth. Ends with a line of
/// its own.
std::string bar_chart(std::span<const std::int64_t> counts, int width);

}  // namespace vox
