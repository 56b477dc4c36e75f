// Projections along z whose planes are added up as they stream by.
#pragma once

#include "engine/project.h"

namespace vox {

struct StreamPlan {
  std::int64_t planes = 1;  ///< that are read at once
  std::int64_t rows = 1;    ///< of a band; all, unless the sums of a plane do not fit
  std::int64_t peak_memory = 0;
};

StreamPlan plan_project_stream(const SlabSource& source, const ProjectSpec& spec, const SlabSink* sink,
                               const Resources& resources);
/// REQUIRES: a source that can seek, where there is more than one band.
void run_project_stream(SlabSource& source, const ProjectSpec& spec, SlabSink& sink,
                        const Resources& resources);

}  // namespace vox
