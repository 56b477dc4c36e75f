// Resamples a volume in one pass.
#pragma once

#include "engine/engine.h"
#include "ops/resample/resample.h"

namespace vox {

/// Reads `source` once in order. Planes are resampled along x and y as they come; of those the ones that the
/// next planes of the result look at are kept. Only `planes` of the result are made (all: the whole), and of
/// the input only what they look at is read; with a spline along z that is all planes before them, too: each
/// depends on those. Throws an exit-3 error with the arithmetic when `resources.memory` is too small.
void run_resample(SlabSource& source, const Resample& resample, SlabSink& sink, const Resources& resources,
                  const Interval& planes);
PassPlan plan_resample(const SlabSource& source, const Resample& resample, const SlabSink* sink,
                       const Resources& resources, const Interval& planes);

}  // namespace vox
