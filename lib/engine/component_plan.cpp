#include "engine/component_plan.h"

#include <algorithm>

#include "core/error.h"
#include "core/numbers.h"
#include "ops/label/object_join.h"

namespace vox {
namespace {

constexpr std::int64_t kPieceBytes = 256 << 10;
constexpr std::int64_t kBlockVoxels = 4 << 20;

/// Objects and their runs get three eighths of the memory.
void check_one_block(const BlockNeeds& needs, std::int64_t tail, std::int64_t allowed) {
  const std::int64_t rows = std::min(needs.planes_multiple, needs.volume.z) * needs.rows_multiple;
  const std::int64_t least = rows * needs.bytes_per_row + needs.scratch_per_thread + needs.held;
  if (least <= needs.memory) return;
  fail_memory("needs " + format_bytes(tail) + " for the runs of one plane and " + format_bytes(least) +
              " for the next rows, --memory allows " + format_bytes(allowed) +
              ", of which 5/8 is for these; use --memory " + memory_option((least + tail + 8) / 5 * 8 + 8) +
              " or more");
}

}  // namespace

std::int64_t block_run_bytes(std::int64_t runs, std::int64_t column_bytes, const ComponentRequest& request) {
  const std::int64_t count = sizeof(NarrowRuns::Count);
  std::int64_t per_run = 2 * column_bytes + 2 * count;  // columns, object, forest
  if (request.by_value) per_run += sizeof(std::uint64_t);
  if (request.measures) per_run += sizeof(ObjectMeasure);
  return runs * per_run;
}

ComponentPlan plan_component_blocks(const SlabSource& source, const ComponentRequest& request,
                                    const Resources& resources) {
  const VolumeMeta& meta = source.meta();
  const Extent3 shape = meta.shape;
  const std::int64_t column_bytes = shape.x <= 0xffff ? 2 : 4;
  ComponentPlan plan;
  plan.runs_per_row = request.by_value ? shape.x : (shape.x + 1) / 2;
  BlockNeeds needs;
  needs.volume = shape;
  const Extent3 chunk = source.chunk();
  needs.rows_multiple = std::min(chunk.y, shape.y);
  needs.bytes_per_row =
      block_run_bytes(plan.runs_per_row, column_bytes, request) + std::int64_t{sizeof(NarrowRuns::Count)};
  // Chunks of several planes are decoded once when their voxels fit beside the runs.
  const std::int64_t chunk_planes = std::min(chunk.z, shape.z);
  const std::int64_t chunk_bytes = chunk_planes * shape.y * (needs.bytes_per_row + meta.row_bytes());
  const bool whole_chunks = chunk.z > 1 && chunk_bytes <= resources.memory / 4;
  if (whole_chunks) {
    needs.planes_multiple = chunk_planes;
    needs.rows_multiple = shape.y;
    needs.bytes_per_row += meta.row_bytes();
  } else {
    const std::int64_t piece = std::min(kPieceBytes, resources.memory / 16);
    plan.piece_rows =
        std::max<std::int64_t>(1, piece / meta.row_bytes() / needs.rows_multiple) * needs.rows_multiple;
    plan.piece_rows = std::min(plan.piece_rows, shape.z * shape.y);
    needs.scratch_per_thread = plan.piece_rows * meta.row_bytes();
  }
  needs.held = source.held_bytes();
  needs.target_bytes = std::max<std::int64_t>(1, kBlockVoxels / shape.x) * needs.bytes_per_row;
  needs.scratch_per_thread += source.scratch_bytes() + 4 * shape.x * column_bytes;
  needs.threads = resources.threads;
  needs.blocks_wanted = resources.threads == 1 ? 1 : resources.threads + 1;
  const std::int64_t tail =
      column_bytes == 2 ? ObjectJoin<NarrowRuns>::tail_bytes(shape.y, plan.runs_per_row, request.by_value)
                        : ObjectJoin<WideRuns>::tail_bytes(shape.y, plan.runs_per_row, request.by_value);
  needs.memory = resources.memory / 8 * 5 - tail;
  check_one_block(needs, tail, resources.memory);
  plan.blocks = plan_blocks(needs);
  if (whole_chunks) plan.piece_rows = plan.blocks.planes * plan.blocks.rows;
  plan.peak_memory = plan.blocks.peak_memory + tail;
  return plan;
}

}  // namespace vox
