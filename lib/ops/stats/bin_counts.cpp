#include "ops/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/stats/bin_counts.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "ops/stats/bin_counts.h"

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// number ^ (number < 0 ? flip : 0) ^ turn sorts as the voxel does.
template <class Signed>
BitExtremes extremes(const std::byte* voxels, BitOrder order, std::int64_t count) {
  constexpr Signed kLowest = std::numeric_limits<Signed>::min();
  const hn::ScalableTag<Signed> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto* numbers = reinterpret_cast<const Signed*>(voxels);
  const auto flip = hn::Set(d, order == BitOrder::floating ? static_cast<Signed>(~kLowest) : Signed{0});
  const auto turn = hn::Set(d, order == BitOrder::unsigned_integer ? kLowest : Signed{0});
  auto lowest = hn::Set(d, std::numeric_limits<Signed>::max());
  auto highest = hn::Set(d, kLowest);
  auto any = hn::Zero(d);
  auto all = hn::Set(d, Signed{-1});
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto number = hn::LoadU(d, numbers + i);
    const auto key = hn::Xor(hn::Xor(number, hn::And(hn::BroadcastSignBit(number), flip)), turn);
    lowest = hn::Min(lowest, key);
    highest = hn::Max(highest, key);
    any = hn::Or(any, number);
    all = hn::And(all, number);
  }
  HWY_ALIGN Signed low[hn::MaxLanes(d)], high[hn::MaxLanes(d)], some[hn::MaxLanes(d)], every[hn::MaxLanes(d)];
  hn::Store(lowest, d, low);
  hn::Store(highest, d, high);
  hn::Store(any, d, some);
  hn::Store(all, d, every);
  using Bits = std::make_unsigned_t<Signed>;
  BitExtremes result;
  for (std::int64_t lane = 0; i >= lanes && lane < lanes; ++lane)
    result.add({low[lane], high[lane], static_cast<Bits>(some[lane]), static_cast<Bits>(every[lane])});
  for (; i < count; ++i) {
    const auto bits = static_cast<Bits>(numbers[i]);
    const std::int64_t key = sortable(bits, sizeof(Signed), order);
    result.add({key, key, bits, bits});
  }
  return result;
}

BitExtremes extremes32(const std::byte* voxels, BitOrder order, std::int64_t count) {
  return extremes<std::int32_t>(voxels, order, count);
}
BitExtremes extremes64(const std::byte* voxels, BitOrder order, std::int64_t count) {
  return extremes<std::int64_t>(voxels, order, count);
}

}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(extremes32);
VOX_SIMD_TABLE(extremes64);

std::uint64_t load_word(const std::byte* from) {
  std::uint64_t word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

void count_bytes(const std::byte* voxels, std::int64_t count, std::uint32_t* tables) {
  std::int64_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const std::uint64_t word = load_word(voxels + i);
    for (std::size_t k = 0; k < 8; ++k) ++tables[256 * k + (word >> (8 * k) & 0xff)];
  }
  for (; i < count; ++i) ++tables[std::to_integer<std::size_t>(voxels[i])];
}

void count_halves(const std::byte* voxels, std::int64_t count, std::uint32_t* tables) {
  std::uint32_t* const even = tables;
  std::uint32_t* const odd = tables + 65536;
  std::int64_t i = 0;
  for (; i + 4 <= count; i += 4) {
    const std::uint64_t word = load_word(voxels + 2 * i);
    ++even[word & 0xffff];
    ++odd[word >> 16 & 0xffff];
    ++even[word >> 32 & 0xffff];
    ++odd[word >> 48];
  }
  for (; i < count; ++i) ++even[reinterpret_cast<const std::uint16_t*>(voxels)[i]];
}

void count_words(const std::byte* voxels, std::int64_t count, std::uint32_t* tables) {
  constexpr int kDrop = 32 - top_bits(4);
  constexpr std::uint64_t kMask = (1u << top_bits(4)) - 1;
  std::uint32_t* const even = tables;
  std::uint32_t* const odd = tables + kMask + 1;
  std::int64_t i = 0;
  for (; i + 4 <= count; i += 4) {
    const std::uint64_t first = load_word(voxels + 4 * i);
    const std::uint64_t second = load_word(voxels + 4 * i + 8);
    ++even[first >> kDrop & kMask];
    ++odd[first >> (32 + kDrop)];
    ++even[second >> kDrop & kMask];
    ++odd[second >> (32 + kDrop)];
  }
  for (; i < count; ++i) ++even[reinterpret_cast<const std::uint32_t*>(voxels)[i] >> kDrop];
}

void count_long_words(const std::byte* voxels, std::int64_t count, std::uint32_t* tables) {
  for (std::int64_t i = 0; i < count; ++i)
    ++tables[65536 * (i & 1) + static_cast<std::int64_t>(load_word(voxels + 8 * i) >> 48)];
}

}  // namespace

void count_top_bits(const std::byte* voxels, std::int64_t size, std::int64_t count, std::uint32_t* tables) {
  if (size == 1) return count_bytes(voxels, count, tables);
  if (size == 2) return count_halves(voxels, count, tables);
  if (size == 4) return count_words(voxels, count, tables);
  count_long_words(voxels, count, tables);
}

BitExtremes bit_extremes(const std::byte* voxels, std::int64_t size, BitOrder order, std::int64_t count) {
  if (size == 4) return VOX_SIMD_CALL(extremes32)(voxels, order, count);
  return VOX_SIMD_CALL(extremes64)(voxels, order, count);
}

void BitExtremes::add(const BitExtremes& other) {
  lowest = std::min(lowest, other.lowest);
  highest = std::max(highest, other.highest);
  any |= other.any;
  all &= other.all;
}

}  // namespace vox
#endif
