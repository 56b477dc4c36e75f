// Results whose rows are made in another order than their sink takes them.
#pragma once

#include <functional>

#include "engine/engine.h"

namespace vox {

/// Calls `run` with a sink that takes boxes in any order into an unlinked file in `resources.tmpdir`, then
/// copies `planes` from there to `sink` in its order. Throws an exit-4 error when that folder has no such
/// room.
void run_through_spool(SlabSink& sink, const Resources& resources, const Interval& planes,
                       const std::function<void(SlabSink&)>& run);

}  // namespace vox
