#include "ops/render/plane_voxels.h"

namespace vox {

PlaneVoxels PlaneVoxels::chosen(std::span<const std::int64_t> of_rows,
                                std::span<const std::int64_t> of_columns) const {
  PlaneVoxels part{
      dtype, static_cast<std::int64_t>(of_rows.size()), static_cast<std::int64_t>(of_columns.size()), {}};
  part.voxels.reserve(of_rows.size() * of_columns.size() * static_cast<std::size_t>(size_of(dtype)));
  for (const std::int64_t index : of_rows)
    for (const std::int64_t column : of_columns) {
      const std::byte* const voxel = row(index) + column * size_of(dtype);
      part.voxels.insert(part.voxels.end(), voxel, voxel + size_of(dtype));
    }
  return part;
}

PlaneVoxels transposed(const PlaneVoxels& plane) {
  PlaneVoxels turned{plane.dtype, plane.columns, plane.rows, std::vector<std::byte>(plane.voxels.size())};
  visit_dtype(plane.dtype, [&]<class T>(Type<T>) {
    const T* const in = reinterpret_cast<const T*>(plane.voxels.data());
    T* const out = reinterpret_cast<T*>(turned.voxels.data());
    for (std::int64_t row = 0; row < plane.rows; ++row)
      for (std::int64_t column = 0; column < plane.columns; ++column)
        out[column * plane.rows + row] = in[row * plane.columns + column];
  });
  return turned;
}

PlaneVoxels difference(const PlaneVoxels& first, const PlaneVoxels& second) {
  const std::int64_t count = first.rows * first.columns;
  PlaneVoxels result{DType::float64, first.rows, first.columns,
                     std::vector<std::byte>(static_cast<std::size_t>(count) * sizeof(double))};
  auto* const out = reinterpret_cast<double*>(result.voxels.data());
  visit_dtype(second.dtype, [&]<class T>(Type<T>) {
    const T* const in = reinterpret_cast<const T*>(second.voxels.data());
    for (std::int64_t i = 0; i < count; ++i) out[i] = as_double(in[i]);
  });
  visit_dtype(first.dtype, [&]<class T>(Type<T>) {
    const T* const in = reinterpret_cast<const T*>(first.voxels.data());
    for (std::int64_t i = 0; i < count; ++i) out[i] -= as_double(in[i]);
  });
  return result;
}

}  // namespace vox
