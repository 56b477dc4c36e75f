// All levels of a pyramid from one pass over a volume.
#pragma once

#include <vector>

#include "engine/engine.h"
#include "io/zarr_store.h"
#include "ops/pyramid/shrink.h"

namespace vox {

struct PyramidSpec {
  ShrinkMethod method = ShrinkMethod::mean;
  std::vector<Extent3> steps;  ///< factor from each level to the next
  ZarrLayoutWish layout;
  OmeVersion version = OmeVersion::v05;
};

/// The store that holds the levels.
ZarrStorePlan pyramid_store(const VolumeMeta& meta, const PyramidSpec& spec);

/// Reads `source` once in order and puts every level into `store`, which the caller then finishes: each level
/// is made of the one before as soon as its planes are there. Throws an exit-3 error with the arithmetic when
/// `resources.memory` is too small.
void run_pyramid(SlabSource& source, const PyramidSpec& spec, ZarrStoreWriter& store,
                 const Resources& resources);
/// `held`: by the store.
PassPlan plan_pyramid(const SlabSource& source, const PyramidSpec& spec, std::int64_t held,
                      const Resources& resources);

}  // namespace vox
