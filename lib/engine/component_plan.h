// How a volume is cut into runs of rows that are labelled at once.
#pragma once

#include "engine/block_plan.h"
#include "engine/labelled_runs.h"

namespace vox {

struct ComponentPlan {
  BlockPlan blocks;             ///< in scan order: whole planes, or rows of one plane
  std::int64_t piece_rows = 1;  ///< rows, or with whole planes rows over planes, that are read at once
  std::int64_t runs_per_row = 0;
  std::int64_t peak_memory = 0;  ///< of blocks and pieces; the objects and their runs get the rest
};

/// Bytes that `runs` runs of a block may take, objects and their measures included, if all voxels conspire.
std::int64_t block_run_bytes(std::int64_t runs, std::int64_t column_bytes, const ComponentRequest& request);

ComponentPlan plan_component_blocks(const SlabSource& source, const ComponentRequest& request,
                                    const Resources& resources);

}  // namespace vox
