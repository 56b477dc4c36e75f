// Map with neighbourhoods: slabs of planes slide through one halo window per kernel.
#pragma once

#include "engine/engine.h"

namespace vox {

PassPlan plan_map_slabs(const SlabSource& source, const KernelList& kernels, const Boundary& boundary,
                        const VolumeMeta& output, const SlabSink* sink, const Resources& resources,
                        const Interval& planes);
/// REQUIRES: with boundary wrap and a halo in z, the source is seekable or spooled (`make_rereadable`).
Tally run_map_slabs(SlabSource& source, const KernelList& kernels, const Boundary& boundary, SlabSink& sink,
                    const Resources& resources, const Interval& planes);

}  // namespace vox
