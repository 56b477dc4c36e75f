// Resamples a volume in one pass.
#pragma once

#include "engine/engine.h"
#include "ops/resample/resample.h"

namespace vox {

/// True: planes do not fit `resources.memory`, and `run_resample` works in bands of rows. It then needs a
/// source that can seek, or that `make_rereadable` gave.
bool resample_rereads(const SlabSource& source, const Resample& resample, const SlabSink* sink,
                      const Resources& resources);

/// Reads `source` once in order. Planes are resampled along x and y as they come; of those the ones that the
/// next planes of the result look at are kept. In bands it does so for each band, and a sink that cannot seek
/// gets them from a spool in `resources.tmpdir`. Voxels are the same. Only `planes` of the result are made
/// (all: the whole), and of the input only what they look at is read; with a spline along z that is all
/// planes before them, too: each depends on those. Throws an exit-3 error with the arithmetic when not even
/// one row fits.
void run_resample(SlabSource& source, const Resample& resample, SlabSink& sink, const Resources& resources,
                  const Interval& planes);
PassPlan plan_resample(const SlabSource& source, const Resample& resample, const SlabSink* sink,
                       const Resources& resources, const Interval& planes);

}  // namespace vox
