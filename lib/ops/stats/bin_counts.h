// The loops that count voxels by their highest bits, at the speed of the cache. Counts go to several tables
// in turn: neighbours in a volume are alike, and a counter that was just written cannot be read again at
// once.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ops/stats/bit_order.h"

namespace vox {

/// Bits that voxels of `size` bytes are counted by: all 8 or 16, or the upper 18 of 32 or 16 of 64. Few of
/// the counters are in use, as values share their exponents; the more bits, the less is left for a second
/// pass.
inline constexpr int top_bits(std::int64_t size) { return size == 1 ? 8 : size == 4 ? 18 : 16; }
/// Tables that `count_top_bits` fills, one behind the other, each of 2^top_bits counters.
inline constexpr int top_tables(std::int64_t size) { return size == 1 ? 8 : 2; }

/// Adds `count` voxels of `size` bytes to the tables. REQUIRES: no counter can pass 2^32 - 1.
void count_top_bits(const std::byte* voxels, std::int64_t size, std::int64_t count, std::uint32_t* tables);

/// The ends of a set of 4- or 8-byte voxels, and which bits are set in any and in all of them.
struct BitExtremes {
  std::int64_t lowest = INT64_MAX;   ///< sortable (`sortable`), of the smallest
  std::int64_t highest = INT64_MIN;  ///< and of the largest voxel
  std::uint64_t any = 0;
  std::uint64_t all = ~std::uint64_t{0};

  void add(const BitExtremes& other);
};

/// The bits of a 4- or 8-byte voxel as a signed number that sorts as the voxel does; its own inverse in the
/// lower 8 * size bits.
inline std::int64_t sortable(std::uint64_t bits, std::int64_t size, BitOrder order) {
  auto number = size == 4 ? std::int64_t{static_cast<std::int32_t>(bits)} : static_cast<std::int64_t>(bits);
  const std::int64_t lowest = size == 4 ? INT32_MIN : INT64_MIN;
  if (order == BitOrder::unsigned_integer) return number ^ lowest;
  if (order == BitOrder::floating && number < 0) return number ^ ~lowest;
  return number;
}

/// The extremes of `count` voxels of 4 or 8 bytes, infinities and NaN among them.
BitExtremes bit_extremes(const std::byte* voxels, std::int64_t size, BitOrder order, std::int64_t count);

}  // namespace vox
