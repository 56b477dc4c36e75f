// Weights of linear filters.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace vox {

/// Weights along one axis: of the centre, then of the neighbours at distance 1, 2, ... on either side.
struct Taps {
  std::vector<double> weights{1};
  bool odd = false;  ///< the neighbours before the centre count with the opposite sign

  bool operator==(const Taps&) const = default;
  std::int64_t reach() const { return static_cast<std::int64_t>(weights.size()) - 1; }
};

/// A weighted neighbourhood whose weights are the product of three rows of weights.
struct FirTerm {
  std::array<Taps, 3> taps;  ///< z, y, x
  /// In which scipy.ndimage filters along the axes; matters for a constant outside.
  std::array<std::size_t, 3> order{0, 1, 2};

  bool operator==(const FirTerm&) const = default;
};

}  // namespace vox
