// Projects a volume along an axis in one pass.
#pragma once

#include "engine/engine.h"
#include "ops/project/projection.h"

namespace vox {

struct ProjectSpec {
  ProjectionMethod method = ProjectionMethod::max;
  Axis axis = Axis::z;
  NanRule nan = NanRule::spread;
};

/// True: `run_project` needs a source that can seek, or that `make_rereadable` gave.
bool project_rereads(const ProjectSpec& spec);

/// Along z the sums of one plane are held, or of a band of its rows when they do not fit and the source can
/// seek, while slabs of planes stream by; y and x are local to each plane. A median takes whole lines, as
/// many at once as fit the memory. Throws exit-3 errors with the arithmetic when `resources.memory` is too
/// small.
void run_project(SlabSource& source, const ProjectSpec& spec, SlabSink& sink, const Resources& resources);
PassPlan plan_project(const SlabSource& source, const ProjectSpec& spec, const SlabSink* sink,
                      const Resources& resources);

}  // namespace vox
