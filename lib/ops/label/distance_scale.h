// In which numbers squared distances are computed.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "core/meta.h"

namespace vox {

/// A squared distance that is farther than everything in a volume; twice as much still fits 31 bits.
inline constexpr std::int32_t kFarSquare = 1 << 30;

struct DistanceScale {
  Vector3 spacing = {1, 1, 1};
  /// Spacings are whole multiples, `steps`, of `unit`, and squared distances in that unit stay below
  /// kFarSquare: all is computed in 32-bit integers. Otherwise in double precision.
  bool whole = false;
  std::array<std::int64_t, 3> steps = {1, 1, 1};
  double unit = 1;
};

/// `spacing` none: voxels. Units tried are the smallest spacing and its half, third ... eighth.
DistanceScale distance_scale(const Extent3& shape, const std::optional<Vector3>& spacing);

}  // namespace vox
