// How a volume is cut into blocks of full-width rows that are read, computed and written at once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/extent.h"

namespace vox {

/// What decides the size of a block.
struct BlockNeeds {
  Extent3 volume;
  std::optional<Interval> planes = {};  ///< only these; none: all
  std::int64_t rows_multiple = 1;       ///< blocks begin at multiples of this in y
  std::int64_t planes_multiple = 1;     ///< and of this in z
  std::int64_t bytes_per_row = 1;       ///< all buffers of a block, per row of voxels
  std::int64_t target_bytes = 1;        ///< what a block should take, where the multiples allow it
  std::int64_t scratch_per_thread = 0;
  std::int64_t held = 0;  ///< by source and sink, however many threads there are
  int threads = 1;
  int blocks_wanted = 1;  ///< in flight
  std::int64_t memory = 0;
  std::int64_t taken = 0;  ///< see Resources
};

/// Blocks are numbered in scan order. They begin at multiples of their planes and rows, whichever planes are
/// wanted; the first and the last may be cut.
struct BlockPlan {
  Extent3 volume;
  Interval wanted;  ///< planes
  std::int64_t planes = 1;
  std::int64_t rows = 1;
  int blocks_in_flight = 1;
  int threads = 1;
  std::int64_t bytes_per_block = 0;
  std::int64_t peak_memory = 0;

  std::int64_t count() const { return layers() * blocks_per_layer(); }
  Box3 box(std::int64_t index) const;
  Extent3 block() const { return {planes, rows, volume.x}; }

 private:
  std::int64_t layers() const;
  std::int64_t blocks_per_layer() const;
};

/// Blocks as large as the target, then fewer in flight, then smaller ones, until they fit the memory. Throws
/// an exit-3 error with the arithmetic and the memory that would do when even one smallest block does not
/// fit.
BlockPlan plan_blocks(const BlockNeeds& needs);

/// What one smallest block takes, alone.
std::int64_t least_block_memory(const BlockNeeds& needs);

/// The smallest multiple of both, or `limit` (everything) when that is larger.
std::int64_t common_multiple(std::int64_t a, std::int64_t b, std::int64_t limit);

/// The end of a message that says what is needed: ", --memory allows 9.0 MiB, of which 1.0 MiB is taken; use
/// --memory 13M or more".
std::string memory_remedy(std::int64_t needed, std::int64_t memory, std::int64_t taken);

}  // namespace vox
