#include "ops/stats/rank_keys.h"

#include <algorithm>
#include <limits>

#include "ops/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/stats/rank_keys.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

constexpr std::int64_t kGroup = 64;  // keys that are looked at together

/// key = bits ^ turn, and for negative numbers of floating types ^ flip.
template <class Word>
std::int64_t in_range(const Word* words, BitOrder order, std::int64_t count, const KeyRange& range,
                      Word* keys) {
  using Signed = std::make_signed_t<Word>;
  constexpr int kSign = std::numeric_limits<Word>::digits - 1;
  const Word turn = order == BitOrder::unsigned_integer ? Word{0} : Word{1} << kSign;
  const Word flip = order == BitOrder::floating ? ~turn : Word{0};
  const auto lowest = static_cast<Word>(range.lowest);
  const auto span = static_cast<Word>(range.highest - range.lowest);
  std::int64_t kept = 0;
  for (std::int64_t i = 0; i < count; i += kGroup) {
    const std::int64_t part = std::min(kGroup, count - i);
    Word group[kGroup];
    Word outside = 0;
    for (std::int64_t k = 0; k < part; ++k) {
      const Word bits = words[i + k];
      group[k] = bits ^ turn ^ (static_cast<Word>(static_cast<Signed>(bits) >> kSign) & flip);
      outside = static_cast<Word>(outside + (static_cast<Word>(group[k] - lowest) > span ? 1 : 0));
    }
    if (outside == 0) {
      std::copy_n(group, part, keys + kept);
      kept += part;
      continue;
    }
    // No branch: what is left out cannot be predicted. A key that is left out is written over.
    for (std::int64_t k = 0; k < part; ++k) {
      keys[kept] = group[k];
      kept += static_cast<Word>(group[k] - lowest) <= span;
    }
  }
  return kept;
}

template <class Word>
KeyCounts within(const Word* keys, std::int64_t count, const KeyRange& range, Word* part) {
  const auto lowest = static_cast<Word>(range.lowest);
  const auto span = static_cast<Word>(range.highest - range.lowest);
  std::int64_t all_below = 0;
  std::int64_t kept = 0;
  for (std::int64_t i = 0; i < count; i += kGroup) {
    const std::int64_t size = std::min(kGroup, count - i);
    Word below = 0;
    Word found = 0;
    for (std::int64_t k = 0; k < size; ++k) {
      below = static_cast<Word>(below + (keys[i + k] < lowest ? 1 : 0));
      found = static_cast<Word>(found + (static_cast<Word>(keys[i + k] - lowest) <= span ? 1 : 0));
    }
    all_below += static_cast<std::int64_t>(below);
    if (found == 0) continue;
    for (std::int64_t k = 0; k < size; ++k) {
      const Word key = keys[i + k];
      part[kept] = key;
      kept += static_cast<Word>(key - lowest) <= span;
    }
  }
  return {all_below, kept};
}

template <class Word>
Word smallest_above(const Word* keys, std::int64_t count, Word key) {
  Word least = std::numeric_limits<Word>::max();
  for (std::int64_t i = 0; i < count; ++i) {
    const Word candidate = keys[i] > key ? keys[i] : std::numeric_limits<Word>::max();
    least = candidate < least ? candidate : least;
  }
  return least;
}

std::int64_t range32(const std::byte* voxels, BitOrder order, std::int64_t count, const KeyRange& range,
                     std::byte* keys) {
  return in_range(reinterpret_cast<const std::uint32_t*>(voxels), order, count, range,
                  reinterpret_cast<std::uint32_t*>(keys));
}
std::int64_t range64(const std::byte* voxels, BitOrder order, std::int64_t count, const KeyRange& range,
                     std::byte* keys) {
  return in_range(reinterpret_cast<const std::uint64_t*>(voxels), order, count, range,
                  reinterpret_cast<std::uint64_t*>(keys));
}

KeyCounts within32(const std::byte* keys, std::int64_t count, const KeyRange& range, std::byte* part) {
  return within(reinterpret_cast<const std::uint32_t*>(keys), count, range,
                reinterpret_cast<std::uint32_t*>(part));
}
KeyCounts within64(const std::byte* keys, std::int64_t count, const KeyRange& range, std::byte* part) {
  return within(reinterpret_cast<const std::uint64_t*>(keys), count, range,
                reinterpret_cast<std::uint64_t*>(part));
}

std::uint32_t above32(const std::byte* keys, std::int64_t count, std::uint32_t key) {
  return smallest_above(reinterpret_cast<const std::uint32_t*>(keys), count, key);
}
std::uint64_t above64(const std::byte* keys, std::int64_t count, std::uint64_t key) {
  return smallest_above(reinterpret_cast<const std::uint64_t*>(keys), count, key);
}

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(range32);
VOX_SIMD_TABLE(range64);
VOX_SIMD_TABLE(within32);
VOX_SIMD_TABLE(within64);
VOX_SIMD_TABLE(above32);
VOX_SIMD_TABLE(above64);

}  // namespace

std::int64_t keys_in_range(const std::byte* voxels, std::int64_t size, BitOrder order, std::int64_t count,
                           const KeyRange& range, std::byte* keys) {
  if (size == 4) return VOX_SIMD_CALL(range32)(voxels, order, count, range, keys);
  return VOX_SIMD_CALL(range64)(voxels, order, count, range, keys);
}

KeyCounts keys_within(const std::byte* keys, std::int64_t size, std::int64_t count, const KeyRange& range,
                      std::byte* part) {
  if (size == 4) return VOX_SIMD_CALL(within32)(keys, count, range, part);
  return VOX_SIMD_CALL(within64)(keys, count, range, part);
}

std::uint64_t smallest_key_above(const std::byte* keys, std::int64_t size, std::int64_t count,
                                 std::uint64_t key) {
  if (size == 4) return VOX_SIMD_CALL(above32)(keys, count, static_cast<std::uint32_t>(key));
  return VOX_SIMD_CALL(above64)(keys, count, key);
}

}  // namespace vox
#endif  // HWY_ONCE
