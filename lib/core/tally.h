// What an operation did to voxels that a user must hear about.
#pragma once

#include <cstdint>

namespace vox {

/// Counts of voxels; sums of tallies are exact and independent of order.
struct Tally {
  std::int64_t clipped_low = 0;   ///< below a lower limit that the user set
  std::int64_t clipped_high = 0;  ///< above an upper limit that the user set
  std::int64_t saturated = 0;     ///< did not fit the output type and became its end
  std::int64_t rounded = 0;       ///< had digits that the output type cannot hold
  std::int64_t nan = 0;           ///< NaN that became 0 in an integer type

  Tally& operator+=(const Tally& other) {
    clipped_low += other.clipped_low;
    clipped_high += other.clipped_high;
    saturated += other.saturated;
    rounded += other.rounded;
    nan += other.nan;
    return *this;
  }
  bool operator==(const Tally&) const = default;
};

}  // namespace vox
