// How a volume is cut to be resampled: planes at once, and bands of rows when planes do not fit the memory.
#pragma once

#include "engine/engine.h"
#include "ops/resample/resample.h"

namespace vox {

struct ResamplePlan {
  std::int64_t planes_in = 1;   ///< that are read at once
  std::int64_t planes_out = 1;  ///< that are written at once
  std::int64_t rows = 1;        ///< of the result in one band; all, unless the planes do not fit
  std::int64_t peak_memory = 0;

  bool in_bands(const Resample& resample) const { return rows < resample.out().y; }
};

/// Whole planes when they fit `resources.memory`, else bands of as many rows as fit. Throws an exit-3 error
/// with the arithmetic when one row does not.
ResamplePlan plan_resample_bands(const SlabSource& source, const Resample& resample, const SlabSink* sink,
                                 const Resources& resources);

/// Planes that are kept of those that came before, of a method that filters none along z.
std::int64_t resample_ring_planes(const Resample& resample, std::int64_t planes_in);

}  // namespace vox
