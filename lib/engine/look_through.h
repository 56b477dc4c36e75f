// A volume seen through along an axis, as a plane in memory.
#pragma once

#include "engine/project.h"
#include "ops/render/plane_voxels.h"

namespace vox {

/// Rows and columns are the two other axes, in their order. Takes `source` and memory as `run_project` does,
/// and `held` bytes of the caller's besides.
PlaneVoxels run_look_through(SlabSource& source, const ProjectSpec& spec, std::int64_t held,
                             const Resources& resources);
/// True: needs a source that can seek, or that `make_rereadable` gave.
bool look_through_rereads(const SlabSource& source, const ProjectSpec& spec, std::int64_t held,
                          const Resources& resources);
PassPlan plan_look_through(const SlabSource& source, const ProjectSpec& spec, std::int64_t held,
                           const Resources& resources);

}  // namespace vox
