#include "ops/filter/nlm_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <type_traits>
#include <vector>

#include "ops/filter/store_row.h"
#include "ops/simd.h"

#ifndef VOX_NLM_ONCE
#define VOX_NLM_ONCE
namespace vox {
namespace {

constexpr std::int64_t kMostLanes = 16;

/// Voxels of a patch along an axis whose differences count, and how many of them precede the centre.
std::int64_t patch_size(std::int64_t radius) { return std::max<std::int64_t>(1, 2 * radius); }
std::int64_t patch_before(std::int64_t radius) { return std::max<std::int64_t>(0, radius - 1); }

std::int64_t padded(std::int64_t values) {
  return (values + 2 * kMostLanes - 1) / kMostLanes *
         kMostLanes;  // room for a vector that begins at the last
}

/// What is computed between two fills of the scratch, so small that most of it stays in the second-level
/// cache, and how its parts lie there. Sizes in values; rows have room for vectors that end beyond them.
struct NlmTile {
  NlmTile(const Extent3& block, const Extent3& patch, const Extent3& search)
      : size{std::min<std::int64_t>(block.z, 16), std::min<std::int64_t>(block.y, 16),
             std::min<std::int64_t>(block.x, 128)},
        reach{patch.z + search.z, patch.y + search.y, patch.x + search.x},
        value_rows(size.y + 2 * reach.y),
        value_stride(padded(size.x + 2 * reach.x)),
        weight_rows(size.y + search.y),
        weight_stride(padded(size.x + search.x)),
        patch_rows(weight_rows + patch_size(patch.y) - 1),
        patch_stride(padded(size.x + search.x + patch_size(patch.x) - 1)),
        patch_planes(patch_size(patch.z)) {}

  std::int64_t values() const { return (size.z + 2 * reach.z) * value_rows * value_stride; }
  std::int64_t sums() const { return size.z * size.y * padded(size.x); }
  std::int64_t weights(const Extent3& search) const {
    return (size.z + search.z) * weight_rows * weight_stride;
  }
  std::int64_t squares() const { return patch_planes * patch_rows * patch_stride; }

  Extent3 size;
  Extent3 reach;
  std::int64_t value_rows;
  std::int64_t value_stride;
  std::int64_t weight_rows;
  std::int64_t weight_stride;
  std::int64_t patch_rows;
  std::int64_t patch_stride;
  std::int64_t patch_planes;
};

}  // namespace
}  // namespace vox
#endif  // VOX_NLM_ONCE

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/filter/nlm_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

#include "ops/filter/edge_weights-inl.h"

#include "ops/filter/nlm_tiles-inl.h"

void nlm(const ConstBlock& in, const Block& out, const NlmPlan& plan, std::byte* scratch, Tally& tally) {
  visit_dtype(in.dtype, [&](auto type) {
    NlmTiles<typename decltype(type)::type>(in, out, plan, scratch, tally).run();
  });
}

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(nlm);

}  // namespace

void nlm_rows(const ConstBlock& in, const Block& out, const NlmPlan& plan, std::byte* scratch, Tally& tally) {
  VOX_SIMD_CALL(nlm)(in, out, plan, scratch, tally);
}

std::int64_t nlm_scratch(const Extent3& block, const Extent3& patch, const Extent3& search) {
  const NlmTile tile(block, patch, search);
  const std::int64_t values = padded(tile.size.x) + tile.values() + 2 * tile.sums() + tile.weights(search) +
                              tile.squares() + tile.patch_rows * tile.patch_stride + tile.patch_stride;
  return values * std::int64_t{sizeof(double)};
}

}  // namespace vox
#endif  // HWY_ONCE
