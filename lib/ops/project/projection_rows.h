// The loops under `Projection`: rows added to the state of many lines. All vector levels agree.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/dtype.h"

namespace vox {

/// What is kept of the lines, one array after the other, each of `width` values:
///   max, min          the extreme, float for float16; a NaN is beyond all others
///   known_max, known_min   the same, of floating types; a NaN counts for nothing
///   sum               int64 or uint64
///   wide_sum          __int128, for integers whose sums could exceed 64 bits
///   float_sum         two doubles, the second holds what the first had to round away
///   known_sum         the same of what is not NaN, and int64 how many those are
///   squares           int64 sum and uint64 sum of squares, of integers of up to 16 bits
///   deviations        the line's first voxel (8 bytes each), sum and sum of squares of the differences from
///                     it, doubles
enum class LineState {
  max,
  min,
  known_max,
  known_min,
  sum,
  wide_sum,
  float_sum,
  known_sum,
  squares,
  deviations
};

void project_rows(LineState kind, DType dtype, const std::byte* voxels, std::int64_t stride,
                  std::int64_t rows, std::int64_t width, bool first, std::byte* state);

/// Copies `lines` rows of `count` voxels, `stride` bytes apart, so that lines become columns: dense.
void transpose_rows(const std::byte* voxels, std::int64_t stride, std::int64_t lines, std::int64_t count,
                    std::int64_t voxel_bytes, std::byte* out);

}  // namespace vox
