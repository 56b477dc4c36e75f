// The pass that makes a tool's output.
#pragma once

#include <functional>

#include "engine/engine.h"

namespace vox {

/// A pass that makes some planes of a volume: all of them, or those of a part.
struct VolumePass {
  std::function<PassPlan(const SlabSink* sink, const Interval& planes)> plan;
  std::function<Tally(SlabSink& sink, const Interval& planes)> run;
  std::int64_t tile = 0;  ///< parts begin at multiples of so many planes; 0: anywhere
};

}  // namespace vox
