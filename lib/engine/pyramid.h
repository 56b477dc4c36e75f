// All levels of a pyramid from one pass over a volume.
#pragma once

#include <string>
#include <vector>

#include "engine/engine.h"
#include "engine/pyramid_share.h"
#include "io/multiscale.h"

namespace vox {

struct PyramidSpec {
  ShrinkMethod method = ShrinkMethod::mean;
  std::vector<Extent3> steps;  ///< factor from each level to the next
  ZarrLayoutWish layout;
  OmeVersion version = OmeVersion::v05;
  std::string labels_of = {};   ///< see MultiscalePlan
  bool planes_in_turn = false;  ///< the store takes all levels of a plane before the next one
  PyramidShare share = {};      ///< empty: everything
};

/// The store that holds the levels.
MultiscalePlan pyramid_levels(const VolumeMeta& meta, const PyramidSpec& spec);

/// True: `run_pyramid` needs a source that can seek, or that `make_rereadable` gave, since planes do not fit
/// `resources.memory` and one level is made after the other.
bool pyramid_rereads(const SlabSource& source, const PyramidSpec& spec, std::int64_t held,
                     const Resources& resources);

/// Reads `source` once in order and puts every level into `store`, which the caller then finishes: each level
/// is made of the one before as soon as its planes are there. Of a share, the planes that it needs are read,
/// and those that it puts get into the store, with the same voxels. `held`: by the store, in memory. Throws
/// an exit-3 error with the arithmetic when `resources.memory` is too small.
void run_pyramid(SlabSource& source, const PyramidSpec& spec, LevelSink& store, std::int64_t held,
                 const Resources& resources);
PassPlan plan_pyramid(const SlabSource& source, const PyramidSpec& spec, std::int64_t held,
                      const Resources& resources);

}  // namespace vox
