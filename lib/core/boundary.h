// What lies outside a volume, as scipy.ndimage names it.
#pragma once

#include <cstdint>
#include <string_view>

namespace vox {

class Params;

enum class BoundaryMode {
  nearest,   ///< a a a | a b c d | d d d
  reflect,   ///< c b a | a b c d | d c b
  mirror,    ///< d c b | a b c d | c b a
  constant,  ///< k k k | a b c d | k k k
  wrap,      ///< b c d | a b c d | a b c
};

struct Boundary {
  BoundaryMode mode = BoundaryMode::nearest;
  /// Of `constant`, with every digit of 64-bit integers; converted to the voxels' type: rounded half to even,
  /// saturating.
  long double value = 0;

  bool operator==(const Boundary&) const = default;
};

/// The index inside [0, size) that stands for `index`, however far outside; -1 in mode constant when outside.
std::int64_t boundary_index(std::int64_t index, std::int64_t size, BoundaryMode mode);

/// Throws a usage error that lists the names.
void parse_value(std::string_view text, BoundaryMode& mode);

/// The options --boundary and --cval.
void declare_boundary(Params& params, Boundary& boundary);

}  // namespace vox
