// Projections of planes, or of rows of all planes, that do not fit the memory: tiles of whole lines.
#pragma once

#include "engine/project.h"

namespace vox {

/// In voxels of the result.
struct ProjectTiles {
  Extent3 band;  ///< that is put at once; whole rows
  Extent3 tile;  ///< that is read and projected at once
  int at_once = 1;
  std::int64_t peak_memory = 0;
};

/// Throws an exit-3 error with the arithmetic when not even one line fits.
ProjectTiles plan_project_tiles(const SlabSource& source, const ProjectSpec& spec, const SlabSink* sink,
                                const Resources& resources);
/// Makes some planes of the result. REQUIRES: a source that can seek.
void run_project_tiles(SlabSource& source, const ProjectSpec& spec, SlabSink& sink,
                       const Resources& resources, const Interval& planes);

}  // namespace vox
