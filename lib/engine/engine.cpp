#include "engine/engine.h"

#include "engine/map_blocks.h"
#include "engine/map_slabs.h"
#include "engine/meta_chain.h"

namespace vox {
namespace {

bool needs_slabs(const KernelList& kernels) {
  for (const Kernel* kernel : kernels)
    if (kernel->halo() != Extent3{0, 0, 0} || kernel->tile() != Extent3{0, 0, 0}) return true;
  return false;
}

}  // namespace

VolumeMeta output_meta(const VolumeMeta& input, const KernelList& kernels) {
  return metas_along(input, kernels).back();
}

Tally run_map(SlabSource& source, const KernelList& kernels, const Boundary& boundary, SlabSink& sink,
              const Resources& resources) {
  return run_map(source, kernels, boundary, sink, resources, {0, source.meta().shape.z});
}

Tally run_map(SlabSource& source, const KernelList& kernels, const Boundary& boundary, SlabSink& sink,
              const Resources& resources, const Interval& planes) {
  if (planes.size() == 0) return {};
  return needs_slabs(kernels) ? run_map_slabs(source, kernels, boundary, sink, resources, planes)
                              : run_map_blocks(source, kernels, sink, resources, planes);
}

PassPlan plan_map(const SlabSource& source, const KernelList& kernels, const Boundary& boundary,
                  const VolumeMeta& output, const SlabSink* sink, const Resources& resources) {
  return plan_map(source, kernels, boundary, output, sink, resources, {0, source.meta().shape.z});
}

PassPlan plan_map(const SlabSource& source, const KernelList& kernels, const Boundary& boundary,
                  const VolumeMeta& output, const SlabSink* sink, const Resources& resources,
                  const Interval& planes) {
  return needs_slabs(kernels) ? plan_map_slabs(source, kernels, boundary, output, sink, resources, planes)
                              : plan_map_blocks(source, kernels, output, sink, resources, planes);
}

}  // namespace vox
