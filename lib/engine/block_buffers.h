// The buffers of all blocks in flight, in one allocation.
#pragma once

#include <vector>

#include "engine/block_plan.h"
#include "engine/buffer.h"

namespace vox {

/// For each slot of a plan one part per entry of `row_bytes`, each large enough for a block of such rows and
/// aligned to a cache line.
class BlockBuffers {
 public:
  BlockBuffers(const BlockPlan& plan, const std::vector<std::int64_t>& row_bytes) {
    for (const std::int64_t bytes : row_bytes) {
      offsets_.push_back(slot_bytes_);
      slot_bytes_ += (plan.planes * plan.rows * bytes + kLine - 1) / kLine * kLine;
    }
    buffer_ = Buffer(plan.blocks_in_flight * slot_bytes_);
  }

  std::byte* data(int slot, std::size_t part) const {
    return buffer_.data() + slot * slot_bytes_ + offsets_[part];
  }

 private:
  static constexpr std::int64_t kLine = 64;

  std::vector<std::int64_t> offsets_;
  std::int64_t slot_bytes_ = 0;
  Buffer buffer_;
};

}  // namespace vox
