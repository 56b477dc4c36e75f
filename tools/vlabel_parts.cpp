// vlabel with --pass map: the pass that makes a part of what all parts have found.
#include <algorithm>

#include "cli/context.h"
#include "engine/component_parts.h"
#include "engine/generated_source.h"
#include "vlabel.h"

using namespace vox;

VolumePass pass_of_parts(const ComponentParts& parts, const VolumeMeta& meta, const SourceInfo& info,
                         Resources& resources, const MakePlanes& make) {
  VolumePass pass;
  pass.plan = [&parts, meta, info, &resources](const SlabSink* sink, const Interval& planes) {
    const GeneratedSource planned(meta, info, {});
    PassPlan plan = plan_map(planned, {}, {}, meta, sink, resources, planes);
    const PassPlan look = parts.plan(planes);
    plan.bytes_in = look.bytes_in;
    plan.peak_memory = std::max(plan.peak_memory, look.peak_memory);
    return plan;
  };
  pass.run = [&resources, make](SlabSink& sink, const Interval& planes) {
    return run_map(*make(planes), {}, {}, sink, resources, planes);
  };
  return pass;
}
