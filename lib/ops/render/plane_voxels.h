// Voxels on their way to a picture.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/dtype.h"

namespace vox {

/// Those voxels of a plane that a picture shows: dense, row by row.
struct PlaneVoxels {
  DType dtype = DType::uint8;
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::vector<std::byte> voxels = {};

  const std::byte* row(std::int64_t index) const { return voxels.data() + index * columns * size_of(dtype); }
  /// Some rows and columns of it.
  PlaneVoxels chosen(std::span<const std::int64_t> of_rows, std::span<const std::int64_t> of_columns) const;
};

/// Rows become columns.
PlaneVoxels transposed(const PlaneVoxels& plane);

/// second - first, as float64. REQUIRES: planes of one size.
PlaneVoxels difference(const PlaneVoxels& first, const PlaneVoxels& second);

}  // namespace vox
