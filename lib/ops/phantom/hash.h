// Random numbers from coordinates: every voxel, cell or row has its own, whoever asks and in whatever order.
#pragma once

#include <cstdint>
#include <initializer_list>

namespace vox {

/// SplitMix64's finaliser: every bit of the result depends on every bit of `bits`.
inline std::uint64_t mixed(std::uint64_t bits) {
  bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9u;
  bits = (bits ^ bits >> 27) * 0x94d049bb133111ebu;
  return bits ^ bits >> 31;
}

/// What a hash is for; the same coordinates give independent numbers for each.
enum class HashUse : std::uint64_t { noise = 1, bubbles = 2, beads = 3, fibres = 4 };

inline std::uint64_t coordinate_hash(std::uint64_t seed, HashUse use, std::int64_t z, std::int64_t y,
                                     std::int64_t x) {
  constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15u;
  std::uint64_t hash = mixed(seed + kGolden * static_cast<std::uint64_t>(use));
  for (const std::int64_t coordinate : {z, y, x})
    hash = mixed((hash ^ static_cast<std::uint64_t>(coordinate)) + kGolden);
  return hash;
}

/// In [0, 1): one of the four 16-bit parts of a hash, exact in a float.
inline float hash_unit(std::uint64_t hash, int part) {
  return static_cast<float>(hash >> (16 * part) & 0xffffu) * (1.0f / 65536.0f);
}

}  // namespace vox
