#include "engine/component_plan.h"

#include <algorithm>
#include <limits>

#include "core/error.h"
#include "core/numbers.h"
#include "ops/label/object_join.h"

namespace vox {
namespace {

constexpr std::int64_t kPieceBytes = 256 << 10;
constexpr std::int64_t kBlockVoxels = 4 << 20;

std::int64_t column_bytes_of(const Extent3& shape) { return shape.x <= 0xffff ? 2 : 4; }

std::int64_t tail_bytes_of(const Extent3& shape, std::int64_t runs_per_row, bool by_value) {
  if (column_bytes_of(shape) == 2) return ObjectJoin<NarrowRuns>::tail_bytes(shape.y, runs_per_row, by_value);
  return ObjectJoin<WideRuns>::tail_bytes(shape.y, runs_per_row, by_value);
}

/// What is read at once. Chunks of several planes are decoded once when their voxels fit beside the runs;
/// else rows are read that stay in the cache. Returns whether whole chunks are.
bool plan_pieces(const SlabSource& source, std::int64_t memory, ComponentPlan& plan, BlockNeeds& needs) {
  const VolumeMeta& meta = source.meta();
  const Extent3 shape = meta.shape;
  const Extent3 chunk = source.chunk();
  const std::int64_t planes = std::min(chunk.z, shape.z);
  const std::int64_t bytes = planes * shape.y * (needs.bytes_per_row + meta.row_bytes());
  const bool countable =
      planes * shape.y * plan.runs_per_row <= std::numeric_limits<NarrowRuns::Count>::max();
  if (planes > 1 && bytes <= memory / 4 && countable) {
    needs.planes_multiple = planes;
    needs.rows_multiple = shape.y;
    needs.bytes_per_row += meta.row_bytes();
    return true;
  }
  needs.rows_multiple = std::min(chunk.y, shape.y);
  const std::int64_t piece = std::min(kPieceBytes, memory / 16) / meta.row_bytes();
  plan.piece_rows = std::max<std::int64_t>(1, piece / needs.rows_multiple) * needs.rows_multiple;
  plan.piece_rows = std::min(plan.piece_rows, shape.z * shape.y);
  needs.scratch_per_thread = plan.piece_rows * meta.row_bytes();
  return false;
}

/// Objects and their runs get three eighths of the memory.
void check_one_block(const BlockNeeds& needs, std::int64_t tail, const Resources& resources) {
  const std::int64_t rows = std::min(needs.planes_multiple, needs.volume.z) * needs.rows_multiple;
  const std::int64_t least = rows * needs.bytes_per_row + needs.scratch_per_thread + needs.held;
  if (least <= needs.memory) return;
  fail_memory("needs " + format_bytes(tail) + " for the runs of one plane and " + format_bytes(least) +
              " for the next rows, which get 5/8 of the memory" +
              memory_remedy((least + tail + 8) / 5 * 8 + 8, resources.memory, resources.taken));
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
  const Extent3 shape = source.meta().shape;
  const std::int64_t column_bytes = column_bytes_of(shape);
  ComponentPlan plan;
  plan.runs_per_row = request.by_value ? shape.x : (shape.x + 1) / 2;
  BlockNeeds needs;
  needs.volume = shape;
  needs.bytes_per_row =
      block_run_bytes(plan.runs_per_row, column_bytes, request) + std::int64_t{sizeof(NarrowRuns::Count)};
  const bool whole_chunks = plan_pieces(source, resources.memory, plan, needs);
  needs.held = source.held_bytes();
  needs.target_bytes = std::max<std::int64_t>(1, kBlockVoxels / shape.x) * needs.bytes_per_row;
  needs.scratch_per_thread += source.scratch_bytes() + 4 * shape.x * column_bytes;
  needs.threads = resources.threads;
  needs.blocks_wanted = resources.threads == 1 ? 1 : resources.threads + 1;
  const std::int64_t tail = tail_bytes_of(shape, plan.runs_per_row, request.by_value);
  needs.memory = resources.memory / 8 * 5 - tail;
  check_one_block(needs, tail, resources);
  plan.blocks = plan_blocks(needs);
  if (whole_chunks) plan.piece_rows = plan.blocks.planes * plan.blocks.rows;
  plan.peak_memory = plan.blocks.peak_memory + tail;
  return plan;
}

}  // namespace vox
