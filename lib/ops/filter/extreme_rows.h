// The loops under erosion and dilation.
#pragma once

#include <array>
#include <vector>

#include "core/block.h"
#include "ops/filter/extreme.h"

namespace vox {

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
