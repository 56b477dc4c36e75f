// The loops under the bilateral filter.
#pragma once

#include <array>
#include <vector>

#include "core/block.h"
#include "core/tally.h"

namespace vox {

struct BilateralPlan {
  Extent3 reach;
  const std::array<std::vector<double>, 3>& exponents;  ///< log2 of the weight in space, from -reach to reach
  double scale;                                         ///< of values: weights are then 2^-(difference^2)
};

/// `carried`: as the block in front along z left it; null: nothing is carried from block to block.
struct BilateralMemory {
  std::byte* scratch;
  std::byte* carried;
  bool begins;  ///< nothing is carried yet
};

/// Fills `out`; see `Bilateral`. The memory has so many bytes; `work_bytes` are 4 for types of up to 16 bits
/// and float32, else 8.
void bilateral_rows(const ConstBlock& in, const Block& out, const BilateralPlan& plan,
                    const BilateralMemory& memory, Tally& tally);
std::int64_t bilateral_scratch(const Extent3& block, const Extent3& reach, std::int64_t work_bytes);
std::int64_t bilateral_carried(const Extent3& block, const Extent3& reach, std::int64_t work_bytes);

}  // namespace vox
