#include "ops/filter/extreme_rows.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <type_traits>

#include "ops/scratch.h"
#include "ops/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/filter/extreme_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

// Each needs the one before it.
#include "ops/filter/order_key-inl.h"

#include "ops/filter/extreme_loops-inl.h"

#include "ops/filter/extreme_box-inl.h"

#include "ops/filter/extreme_chords-inl.h"

template <class Run>
void with_order(Extremum which, DType dtype, Run run) {
  visit_dtype(dtype, [&](auto type) {
    if (which == Extremum::max)
      run(type, std::true_type{});
    else
      run(type, std::false_type{});
  });
}

void extreme(Extremum which, const ConstBlock& in, const Block& out, const Footprint& footprint,
             std::byte* scratch) {
  with_order(which, in.dtype, [&](auto type, auto is_max) {
    using T = typename decltype(type)::type;
    if (footprint.shape() == Shape::box)
      Box<T, is_max.value>(in, out, footprint.reach(), scratch).run();
    else
      Chords<T, is_max.value>(in, out, footprint, scratch).run();
  });
}

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(extreme);

}  // namespace

std::vector<WindowStep> window_steps(std::int64_t size) {
  std::vector<WindowStep> steps;
  std::int64_t window = 1;
  for (; 4 * window < size; window *= 4) steps.push_back({{0, window, 2 * window, 3 * window}, 4});
  WindowStep last;
  last.count = static_cast<int>((size + window - 1) / window);
  for (int k = 0; k < last.count; ++k)
    last.offsets[static_cast<std::size_t>(k)] = std::min(k * window, size - window);
  steps.push_back(last);
  return steps;
}

void extreme_rows(Extremum which, const ConstBlock& in, const Block& out, const Footprint& footprint,
                  std::byte* scratch) {
  VOX_SIMD_CALL(extreme)(which, in, out, footprint, scratch);
}

std::int64_t extreme_scratch(const Extent3& block, const Footprint& footprint, DType dtype) {
  const Extent3 reach = footprint.reach();
  const std::int64_t rows = footprint.shape() == Shape::box
                                ? std::min(kBoxGroup, block.z) * (kBoxGroup + 2 * reach.y) + kBoxGroup + 1
                                : (2 * reach.y + 1) * (reach.z + 1) + 1;
  constexpr std::int64_t kLine = 64;  // read behind the last row
  return rows * scratch_row_bytes(block.x + 2 * reach.x, size_of(dtype)) + kLine;
}

}  // namespace vox
#endif  // HWY_ONCE
