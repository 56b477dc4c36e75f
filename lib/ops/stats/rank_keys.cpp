#include "ops/stats/rank_keys.h"

#include <algorithm>
#include <limits>
#include <type_traits>

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
std::int64_t with_digit(const Word* keys, std::int64_t count, int shift, Word mask, Word digit, Word* part) {
  std::int64_t kept = 0;
  for (std::int64_t i = 0; i < count; i += kGroup) {
    const std::int64_t size = std::min(kGroup, count - i);
    Word found = 0;
    for (std::int64_t k = 0; k < size; ++k)
      found = static_cast<Word>(found + ((keys[i + k] >> shift & mask) == digit ? 1 : 0));
    if (found == 0) continue;
    if (found == static_cast<Word>(size)) {
      std::copy_n(keys + i, size, part + kept);
      kept += size;
      continue;
    }
    for (std::int64_t k = 0; k < size; ++k) {
      const Word key = keys[i + k];
      part[kept] = key;
      kept += (key >> shift & mask) == digit;
    }
  }
  return kept;
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

std::int64_t digit32(const std::byte* keys, std::int64_t count, int shift, std::uint32_t mask,
                     std::uint32_t digit, std::byte* part) {
  return with_digit(reinterpret_cast<const std::uint32_t*>(keys), count, shift, mask, digit,
                    reinterpret_cast<std::uint32_t*>(part));
}
std::int64_t digit64(const std::byte* keys, std::int64_t count, int shift, std::uint64_t mask,
                     std::uint64_t digit, std::byte* part) {
  return with_digit(reinterpret_cast<const std::uint64_t*>(keys), count, shift, mask, digit,
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
VOX_SIMD_TABLE(digit32);
VOX_SIMD_TABLE(digit64);
VOX_SIMD_TABLE(above32);
VOX_SIMD_TABLE(above64);

}  // namespace

std::int64_t keys_in_range(const std::byte* voxels, std::int64_t size, BitOrder order, std::int64_t count,
                           const KeyRange& range, std::byte* keys) {
  if (size == 4) return VOX_SIMD_CALL(range32)(voxels, order, count, range, keys);
  return VOX_SIMD_CALL(range64)(voxels, order, count, range, keys);
}

std::int64_t keys_with_digit(const std::byte* keys, std::int64_t size, std::int64_t count, int shift,
                             std::uint64_t mask, std::uint64_t digit, std::byte* part) {
  if (size == 4)
    return VOX_SIMD_CALL(digit32)(keys, count, shift, static_cast<std::uint32_t>(mask),
                                  static_cast<std::uint32_t>(digit), part);
  return VOX_SIMD_CALL(digit64)(keys, count, shift, mask, digit, part);
}

std::uint64_t smallest_key_above(const std::byte* keys, std::int64_t size, std::int64_t count,
                                 std::uint64_t key) {
  if (size == 4) return VOX_SIMD_CALL(above32)(keys, count, static_cast<std::uint32_t>(key));
  return VOX_SIMD_CALL(above64)(keys, count, key);
}

}  // namespace vox
#endif  // HWY_ONCE
