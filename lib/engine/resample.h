// Resamples a volume in one pass.
#pragma once

#include "engine/engine.h"
#include "ops/resample/resample.h"

namespace vox {

/// Reads `source` once in order. Planes are resampled along x and y as they come; of those the ones that the
/// next planes of the result look at are kept. Throws an exit-3 error with the arithmetic when
/// `resources.memory` is too small.
void run_resample(SlabSource& source, const Resample& resample, SlabSink& sink, const Resources& resources);
PassPlan plan_resample(const SlabSource& source, const Resample& resample, const SlabSink* sink,
                       const Resources& resources);

}  // namespace vox
