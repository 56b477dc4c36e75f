// Which files of a pyramid each of N parts writes, and which levels are left for whoever joins them.
#pragma once

#include <string>
#include <vector>

#include "cli/part_task.h"
#include "engine/pyramid.h"
#include "io/pyramid_parts.h"

namespace vox {

/// Planes of every level that a part puts into the store, when it owns `own` of level 0 and parts write the
/// first `shared` levels: the layers of files whose last voxels lie within `own`. A file that began in an
/// earlier part is made whole by the one in which it ends, which reads what it needs of the input again:
/// nobody waits for anybody, and no file has two writers.
std::vector<Interval> planes_of_levels(const PyramidLayout& layout, std::size_t shared, const Interval& own);

/// So many levels are best written by that many parts. The more of them, the less is left for the one process
/// that joins; but the deeper the files are, seen in level 0, the more do parts read twice. Taken is what
/// makes the way from the first part to the end shortest (planes of level 0 that the busiest part reads, and
/// what the last process reads), while parts together read at most half of the volume twice.
std::size_t levels_to_share(const PyramidLayout& layout, const PyramidSpec& spec, std::int64_t parts);

/// The part's share of the first `layout.shared` levels: `spec` for `run_pyramid`.
PyramidSpec spec_of_part(PyramidSpec spec, const PyramidLayout& layout, const Interval& own);

}  // namespace vox
