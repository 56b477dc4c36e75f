// The loops under erosion and dilation.
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "core/block.h"
#include "ops/filter/extreme.h"

namespace vox {

/// Planes and rows of boxes that are seen to at once.
constexpr std::int64_t kBoxGroup = 8;

/// See `Kernel::planes_at_once`; `usual`: of kernels of that reach.
inline std::int64_t extreme_planes_at_once(const Footprint& footprint, std::int64_t usual) {
  return footprint.shape() == Shape::box ? std::min(usual, kBoxGroup) : usual;
}

/// One step towards the extreme of a window along an axis: of the windows that begin at these offsets.
struct WindowStep {
  std::array<std::int64_t, 4> offsets{};
  int count = 1;
};

/// Steps that give the extreme of `size` neighbours: windows of 4, 16, ... values, then up to four that cover
/// it, which may overlap.
std::vector<WindowStep> window_steps(std::int64_t size);

/// Fills `out` for a footprint; `scratch` holds `extreme_scratch` bytes.
void extreme_rows(Extremum which, const ConstBlock& in, const Block& out, const Footprint& footprint,
                  std::byte* scratch);
std::int64_t extreme_scratch(const Extent3& block, const Footprint& footprint, DType dtype);

}  // namespace vox
