// vproject with --part, along z.
#include "cli/context.h"
#include "core/error.h"
#include "engine/project_parts.h"
#include "vproject.h"

using namespace vox;

void run_project_part(const ProjectSpec& spec, const ProjectOptions& options, SlabSource& source,
                      Context& context) {
  const VolumeMeta& input = source.meta();
  const VolumeMeta meta = projected_meta(input, spec.method, spec.axis);
  if (!ProjectParts::can_share(input, spec))
    fail_usage(
        "--part: medians, means, sums and deviations along z of these voxels depend on the order of planes, "
        "which parts cannot share; leave --part out, or project along y or x");
  ProjectParts parts(source, spec, context.resources());
  const Interval all{0, input.shape.z};
  const bool shared = context.passes_are_shared();
  if (shared)
    context.share_last_pass(input, meta, parts);
  else if (context.explaining())
    context.begin_pass(parts.plan(all), true);
  VolumePass pass;
  pass.plan = [&](const SlabSink*, const Interval& planes) {
    PassPlan plan = parts.plan(shared ? Interval{} : all);
    plan.what = "project";
    plan.bytes_out = planes.size() * meta.plane_bytes();
    return plan;
  };
  pass.run = [&](SlabSink& sink, const Interval&) {
    if (!shared) parts.look(all);
    parts.write(sink);
    return Tally{};
  };
  context.write(meta, options.output, pass);
}
