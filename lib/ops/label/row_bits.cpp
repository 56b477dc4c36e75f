#include "ops/label/row_bits.h"

#include <algorithm>
#include <cstring>

#include "ops/filter/threshold_rows.h"
#include "ops/simd.h"
#include "ops/stats/inside.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/label/row_bits.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

#include "ops/byte_bits-inl.h"

/// A bit for every byte that is not zero. Writes whole words.
void nonzero_bits(const std::uint8_t* bytes, std::int64_t count, std::uint64_t* words) {
  std::int64_t i = 0;
  for (; i + 64 <= count; i += 64) words[i / 64] = ~equal_bits(bytes + i, 0);
  if (i == count) return;
  alignas(64) std::uint8_t rest[64] = {};
  std::memcpy(rest, bytes + i, static_cast<std::size_t>(count - i));
  words[i / 64] = ~equal_bits(rest, 0);
}

/// flags[i] becomes 1 where voxel i differs from the one before it.
template <class T>
void change_flags(const T* values, std::int64_t count, std::uint8_t* flags) {
  for (std::int64_t i = 0; i < count; ++i) {
    if constexpr (is_float_type<T>) {
      const double a = as_double(values[i]);
      const double b = as_double(values[i - 1]);
      flags[i] = static_cast<std::uint8_t>((a != b) & ((a == a) | (b == b)));
    } else {
      flags[i] = values[i] != values[i - 1];
    }
  }
}

/// Whether 64 integers equal the ones before them: most do in volumes of labels.
template <class T>
bool all_equal(const T* values) {
  T differing{};
  for (std::int64_t i = 0; i < 64; ++i) differing = static_cast<T>(differing | (values[i] ^ values[i - 1]));
  return differing == 0;
}

/// Bits of voxels that differ from those before; the first one has one before, too.
void differing_bits(DType dtype, const std::byte* voxels, std::int64_t count, std::uint64_t* words) {
  visit_dtype(dtype, [&]<class T>(Type<T>) {
    const T* values = reinterpret_cast<const T*>(voxels);
    for (std::int64_t i = 0; i < count; i += 64) {
      const std::int64_t part = std::min<std::int64_t>(64, count - i);
      if constexpr (!is_float_type<T>) {
        if (part == 64 && all_equal(values + i)) {
          words[i / 64] = 0;
          continue;
        }
      }
      alignas(64) std::uint8_t flags[64] = {};
      change_flags(values + i, part, flags);
      words[i / 64] = ~equal_bits(flags, 0);
    }
  });
}

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(nonzero_bits);
VOX_SIMD_TABLE(differing_bits);

void invert(std::uint64_t* words, std::int64_t count) {
  for (std::int64_t i = 0; i < bit_words(count); ++i) words[i] = ~words[i];
  if (count % 64 != 0) words[count / 64] &= (std::uint64_t{1} << count % 64) - 1;
}

}  // namespace

void foreground_bits(DType dtype, const std::byte* voxels, std::int64_t count, const Foreground& foreground,
                     std::uint64_t* words) {
  if (!foreground.interval && size_of(dtype) == 1) {
    VOX_SIMD_CALL(nonzero_bits)(reinterpret_cast<const std::uint8_t*>(voxels), count, words);
  } else {
    alignas(64) std::uint8_t flags[kSegment];
    for (std::int64_t i = 0; i < count; i += kSegment) {
      const std::int64_t part = std::min(kSegment, count - i);
      const std::byte* from = voxels + i * size_of(dtype);
      if (foreground.interval)
        threshold_to_mask(dtype, from, flags, part, *foreground.interval, 1, 0);
      else
        inside_flags(from, dtype, part, flags);
      VOX_SIMD_CALL(nonzero_bits)(flags, part, words + i / 64);
    }
  }
  if (foreground.inverted) invert(words, count);
}

void change_bits(DType dtype, const std::byte* voxels, std::int64_t count, std::uint64_t* words) {
  // The first word lacks the voxel before its first.
  const std::int64_t first = std::min<std::int64_t>(64, count);
  const std::int64_t size = size_of(dtype);
  std::uint64_t word = 0;
  VOX_SIMD_CALL(differing_bits)(dtype, voxels + size, first - 1, &word);
  words[0] = word << 1 | 1;
  if (count > 64) VOX_SIMD_CALL(differing_bits)(dtype, voxels + 64 * size, count - 64, words + 1);
}

}  // namespace vox
#endif  // HWY_ONCE
