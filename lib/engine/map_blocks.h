// Map without neighbourhoods: blocks of rows, which need not be whole planes.
#pragma once

#include "engine/engine.h"

namespace vox {

PassPlan plan_map_blocks(const SlabSource& source, const KernelList& kernels, const VolumeMeta& output,
                         const SlabSink* sink, const Resources& resources, const Interval& planes);
Tally run_map_blocks(SlabSource& source, const KernelList& kernels, SlabSink& sink,
                     const Resources& resources, const Interval& planes);

}  // namespace vox
