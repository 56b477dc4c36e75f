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

/// True: `run_project` needs a source that can seek, or that `make_rereadable` gave: for a median along z,
/// and where planes do not fit `resources.memory`.
bool project_rereads(const SlabSource& source, const ProjectSpec& spec, const SlabSink* sink,
                     const Resources& resources);

/// Along z the sums of one plane are held, or of a band of its rows when they do not fit, while slabs of
/// planes stream by; y and x are local to each plane, or to tiles of whole lines when it does not fit. A
/// median takes whole lines, as many at once as fit the memory. Only `planes` of the result are made, of
/// planes of the source alone; along z there is but one. Throws exit-3 errors with the arithmetic when not
/// even a line or, along z, the sums of a row fit.
void run_project(SlabSource& source, const ProjectSpec& spec, SlabSink& sink, const Resources& resources,
                 const Interval& planes);
PassPlan plan_project(const SlabSource& source, const ProjectSpec& spec, const SlabSink* sink,
                      const Resources& resources, const Interval& planes);

}  // namespace vox
