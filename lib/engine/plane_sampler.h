// Reads chosen voxels, and as little else as can be.
#pragma once

#include <span>
#include <vector>

#include "core/voxel_grid.h"
#include "engine/engine.h"

namespace vox {

/// The voxels of each grid, dense in (z, y, x) order. Of a source that can seek only the rows are read that
/// hold a voxel asked for, of one with chunks only such chunks, by several threads; a pipe is read in order,
/// up to the last of them. Every grid has voxels, and they lie in the volume.
std::vector<std::vector<std::byte>> sample_voxels(SlabSource& source, std::span<const VoxelGrid> grids,
                                                  const Resources& resources);

/// `bytes_in` are those of the grids alone; `held` what the caller holds besides. Throws an exit-3 error that
/// ends with `remedy` when that is more than the memory allowed.
PassPlan plan_sample(const SlabSource& source, std::span<const VoxelGrid> grids, std::int64_t held,
                     const std::string& remedy, const Resources& resources);

}  // namespace vox
