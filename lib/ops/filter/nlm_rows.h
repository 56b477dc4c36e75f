// The loops under non-local means.
#pragma once

#include "core/block.h"
#include "core/tally.h"

namespace vox {

struct NlmPlan {
  Extent3 patch;
  Extent3 search;
  double strength;
};

/// Fills `out`; see `Nlm`. `scratch` holds `nlm_scratch` bytes.
void nlm_rows(const ConstBlock& in, const Block& out, const NlmPlan& plan, std::byte* scratch, Tally& tally);
std::int64_t nlm_scratch(const Extent3& block, const Extent3& patch, const Extent3& search);

}  // namespace vox
