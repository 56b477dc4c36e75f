// What all ways to project share: which lines there are, and how results are put.
#pragma once

#include "engine/project.h"

namespace vox {

Projection projection_of(const VolumeMeta& meta, const ProjectSpec& spec);

/// Of a sink, in memory; null takes none.
std::int64_t project_sink_bytes(const SlabSink* sink);

/// Puts the rows of `box`, dense at `data`, a plane at a time.
void put_projected(SlabSink& sink, const Box3& box, std::byte* data, Progress* progress);

/// Projects the lines of a dense box of voxels of that size; along `axis` it holds the whole volume.
void project_lines(const Projection& projection, Axis axis, const std::byte* voxels, const Extent3& size,
                   std::byte* out);
/// What that takes besides.
std::int64_t project_lines_scratch(const Projection& projection, Axis axis, const Extent3& size,
                                   std::int64_t voxel_bytes);

}  // namespace vox
