// One pass that looks through a volume along an axis.
#pragma once

#include "engine/engine.h"
#include "ops/render/sight_lines.h"

namespace vox {

/// Reads with several threads, and adds up in scan order: the same digits whatever the threads and the
/// memory.
PlaneVoxels run_look_through(SlabSource& source, SightMethod method, Axis axis, const Resources& resources);

/// Throws an exit-3 error when the plane, `held` bytes of the caller's and one block do not fit the memory.
PassPlan plan_look_through(const SlabSource& source, SightMethod method, Axis axis, std::int64_t held,
                           const Resources& resources);

}  // namespace vox
