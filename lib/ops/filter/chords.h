// A footprint as a list of its rows.
#pragma once

#include <cstdint>
#include <vector>

#include "ops/filter/footprint.h"

namespace vox {

/// The voxels (dz, dy, -half) to (dz, dy, half).
struct Chord {
  std::int64_t dz;
  std::int64_t dy;
  std::int64_t half;
};

inline std::vector<Chord> chords_of(const Footprint& footprint) {
  const Extent3 reach = footprint.reach();
  std::vector<Chord> chords;
  for (std::int64_t dz = -reach.z; dz <= reach.z; ++dz)
    for (std::int64_t dy = -reach.y; dy <= reach.y; ++dy)
      if (footprint.chord(dz, dy) >= 0) chords.push_back({dz, dy, footprint.chord(dz, dy)});
  return chords;
}

}  // namespace vox
