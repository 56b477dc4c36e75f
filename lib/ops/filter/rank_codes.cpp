#include "ops/filter/rank_codes.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <type_traits>
#include <vector>

#include "ops/filter/chords.h"
#include "ops/simd.h"

#ifndef VOX_RANK_CODES_ONCE
#define VOX_RANK_CODES_ONCE

namespace vox {
namespace {

/// Voxels of a row that are done together: the counts of their columns fit the second cache.
constexpr std::int64_t kRankBoxTile = 64;

std::int64_t rank_box_columns(const Extent3& reach) { return kRankBoxTile + 2 * reach.x; }

/// Bytes of a column's voxels, twice with room for the last vector.
std::int64_t rank_box_bytes(const Extent3& reach) {
  return 2 * (((2 * reach.z + 1) * (2 * reach.y + 1) + 63) / 64 * 64);
}

bool few(const Footprint& footprint) {
  return footprint.count() <= std::numeric_limits<std::uint16_t>::max();
}

}  // namespace
}  // namespace vox

#endif

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/filter/rank_codes.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

#include "ops/byte_bits-inl.h"
#include "ops/filter/order_key-inl.h"
#include "ops/filter/rank_counts-inl.h"
// The counts above stand under these two.
#include "ops/filter/rank_box-inl.h"
#include "ops/filter/rank_chords-inl.h"

template <class T, class Count>
void rank_of_type(const ConstBlock& in, const Block& out, const Footprint& footprint, std::int64_t rank,
                  bool nan, std::byte* scratch) {
  if (footprint.shape() == Shape::box)
    RankBox<T, Count>(in, out, footprint.reach(), rank, nan, scratch).run();
  else
    RankChords<T, Count>(in, out, chords_of(footprint), rank, nan).run();
}

void rank(const ConstBlock& in, const Block& out, const Footprint& footprint, std::int64_t number,
          bool top_is_nan, std::byte* scratch) {
  visit_dtype(in.dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    if constexpr (sizeof(T) <= 2) {
      const bool nan = top_is_nan || is_float_type<T>;
      if (few(footprint))
        rank_of_type<T, std::uint16_t>(in, out, footprint, number, nan, scratch);
      else
        rank_of_type<T, std::uint32_t>(in, out, footprint, number, nan, scratch);
    }
  });
}

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(rank);

}  // namespace

void rank_codes(const ConstBlock& in, const Block& out, const Footprint& footprint, std::int64_t number,
                bool top_is_nan, std::byte* scratch) {
  VOX_SIMD_CALL(rank)(in, out, footprint, number, top_is_nan, scratch);
}

std::int64_t rank_codes_scratch(const Footprint& footprint, DType dtype) {
  if (footprint.shape() != Shape::box) return 0;
  const std::int64_t counts = std::int64_t{256 + 16} * (few(footprint) ? 2 : 4);
  return rank_box_columns(footprint.reach()) *
         (counts + (size_of(dtype) == 2 ? rank_box_bytes(footprint.reach()) : 0));
}

}  // namespace vox
#endif  // HWY_ONCE
