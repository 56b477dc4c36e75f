// The loops that find the key of a rank among those of 4- or 8-byte voxels, a vector at a time.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ops/stats/bit_order.h"

namespace vox {

/// Order keys from `lowest` to `highest`.
struct KeyRange {
  std::uint64_t lowest = 0;
  std::uint64_t highest = 0;
};

/// The order keys of `count` voxels of `size` bytes, in order, without those outside of `range`; returns how
/// many there are. REQUIRES: room for `count` keys.
std::int64_t keys_in_range(const std::byte* voxels, std::int64_t size, BitOrder order, std::int64_t count,
                           const KeyRange& range, std::byte* keys);

struct KeyCounts {
  std::int64_t below = 0;
  std::int64_t within = 0;
};

/// Copies the keys within `range` to `part`, in order, and counts them and those below. REQUIRES: room for
/// `count` keys in `part`.
KeyCounts keys_within(const std::byte* keys, std::int64_t size, std::int64_t count, const KeyRange& range,
                      std::byte* part);

/// The smallest key above `key`; all bits set without one.
std::uint64_t smallest_key_above(const std::byte* keys, std::int64_t size, std::int64_t count,
                                 std::uint64_t key);

}  // namespace vox
