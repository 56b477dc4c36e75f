#include "engine/block_plan.h"

#include <algorithm>
#include <numeric>

#include "core/error.h"
#include "core/memory_option.h"
#include "core/numbers.h"

namespace vox {
namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

/// `value` cut down to a multiple of `unit`, at least `unit`, at most everything.
std::int64_t multiple_below(std::int64_t value, std::int64_t unit, std::int64_t everything) {
  if (value >= everything) return everything;
  return std::min(std::max(value / unit * unit, unit), everything);
}

void set_shape(const BlockNeeds& needs, std::int64_t target_bytes, BlockPlan& plan) {
  const std::int64_t target_rows = std::max<std::int64_t>(1, target_bytes / needs.bytes_per_row);
  const std::int64_t planes_unit = std::min(needs.planes_multiple, needs.volume.z);
  plan.rows = multiple_below(target_rows / planes_unit, needs.rows_multiple, needs.volume.y);
  plan.planes = planes_unit;
  if (plan.rows == needs.volume.y)
    plan.planes = multiple_below(target_rows / plan.rows, planes_unit, needs.volume.z);
  plan.bytes_per_block = plan.planes * plan.rows * needs.bytes_per_row;
}

std::int64_t peak_of(const BlockNeeds& needs, const BlockPlan& plan) {
  const int busy = std::min(plan.threads, plan.blocks_in_flight);
  return needs.held + plan.blocks_in_flight * plan.bytes_per_block + busy * needs.scratch_per_thread;
}

}  // namespace

std::int64_t BlockPlan::layers() const {
  return wanted.size() == 0 ? 0 : ceil_div(wanted.end, planes) - wanted.begin / planes;
}

std::int64_t BlockPlan::blocks_per_layer() const { return ceil_div(volume.y, rows); }

Box3 BlockPlan::box(std::int64_t index) const {
  const std::int64_t z = (wanted.begin / planes + index / blocks_per_layer()) * planes;
  const std::int64_t y = index % blocks_per_layer() * rows;
  return {{std::max(z, wanted.begin), y, 0},
          {std::min(z + planes, wanted.end), std::min(y + rows, volume.y), volume.x}};
}

BlockPlan plan_blocks(const BlockNeeds& needs) {
  BlockPlan plan;
  plan.volume = needs.volume;
  plan.wanted = needs.planes.value_or(Interval{0, needs.volume.z});
  plan.threads = needs.threads;
  plan.blocks_in_flight = needs.blocks_wanted;
  set_shape(needs, needs.target_bytes, plan);
  while (peak_of(needs, plan) > needs.memory && plan.blocks_in_flight > 1) --plan.blocks_in_flight;
  if (peak_of(needs, plan) > needs.memory)
    set_shape(needs, needs.memory - needs.held - needs.scratch_per_thread, plan);
  plan.threads = std::min(plan.threads, plan.blocks_in_flight);
  plan.peak_memory = peak_of(needs, plan);
  if (plan.peak_memory <= needs.memory) return plan;
  fail_memory("needs " + format_bytes(plan.peak_memory) + " for one block of " + to_string(plan.block()) +
              " voxels (" + format_count(plan.planes * plan.rows) + " rows of " +
              format_bytes(needs.bytes_per_row) + " and " +
              format_bytes(needs.scratch_per_thread + needs.held) + " to compute)" +
              memory_remedy(plan.peak_memory, needs.memory, needs.taken));
}

std::int64_t least_block_memory(const BlockNeeds& needs) {
  BlockPlan plan;
  set_shape(needs, 1, plan);
  return peak_of(needs, plan);
}

std::int64_t common_multiple(std::int64_t a, std::int64_t b, std::int64_t limit) {
  if (a >= limit || b >= limit) return limit;
  return std::min(a / std::gcd(a, b) * b, limit);
}

std::string memory_remedy(std::int64_t needed, std::int64_t memory, std::int64_t taken) {
  return ", --memory allows " + format_bytes(memory + taken) +
         (taken > 0 ? ", of which " + format_bytes(taken) + " is taken" : "") + "; use --memory " +
         memory_option(needed + taken) + " or more";
}

}  // namespace vox
