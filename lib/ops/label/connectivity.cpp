#include "ops/label/connectivity.h"

#include <string>

#include "core/error.h"

namespace vox {

std::span<const NeighbourRow> neighbour_rows(Connectivity connectivity) {
  static constexpr NeighbourRow kFaces[] = {{0, -1, 0}, {1, 0, 0}};
  static constexpr NeighbourRow kEdges[] = {{0, -1, 1}, {1, 1, 0}, {1, 0, 1}, {1, -1, 0}};
  static constexpr NeighbourRow kCorners[] = {{0, -1, 1}, {1, 1, 1}, {1, 0, 1}, {1, -1, 1}};
  switch (connectivity) {
    case Connectivity::faces:
      return kFaces;
    case Connectivity::edges:
      return kEdges;
    case Connectivity::corners:
      return kCorners;
  }
  return {};
}

void parse_value(std::string_view text, Connectivity& connectivity) {
  for (const Connectivity known : {Connectivity::faces, Connectivity::edges, Connectivity::corners}) {
    if (std::to_string(static_cast<int>(known)) != text) continue;
    connectivity = known;
    return;
  }
  fail_usage("'" + std::string(text) +
             "' is no connectivity; choose 6 (faces), 18 (and edges) or 26 (and corners)");
}

}  // namespace vox
