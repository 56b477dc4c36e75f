// Which voxels are neighbours, said row by row.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace vox {

/// Voxels that share a face; a face or an edge; a face, an edge or a corner.
enum class Connectivity { faces = 6, edges = 18, corners = 26 };

/// A row that comes before the present one in scan order and holds neighbours of its voxels: those that lie
/// at most `reach` columns to either side.
struct NeighbourRow {
  std::int64_t planes_before;
  std::int64_t dy;
  std::int64_t reach;
};

/// The rows before that hold neighbours, nearest first in scan order.
std::span<const NeighbourRow> neighbour_rows(Connectivity connectivity);

/// "6", "18" or "26"; throws a usage error for anything else.
void parse_value(std::string_view text, Connectivity& connectivity);

}  // namespace vox
