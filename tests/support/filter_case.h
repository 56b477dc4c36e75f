// Filters through the engine, and by definition: every voxel's neighbourhood collected as doubles.
#pragma once

#include <algorithm>
#include <functional>
#include <vector>

#include "engine/engine.h"
#include "ops/filter/footprint.h"
#include "support/mapped.h"

namespace vox::test {

/// Random whole numbers from `low` to `high`.
inline Volume whole_numbers(const Extent3& shape, DType dtype, unsigned seed, int low, int high) {
  Volume volume(shape, dtype);
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> numbers(low, high);
  visit_dtype(dtype, [&]<class T>(Type<T>) {
    auto* out = reinterpret_cast<T*>(volume.bytes.data());
    for (std::int64_t i = 0; i < volume.meta.voxel_count(); ++i)
      out[i] = T(static_cast<float>(numbers(random)));
  });
  return volume;
}

/// Random whole numbers that every type holds.
inline Volume doubles_of_type(const Extent3& shape, DType dtype, unsigned seed) {
  return whole_numbers(shape, dtype, seed, 0, 119);
}

/// Random whole numbers over the whole range of small types, and 22 bits of others.
inline Volume wide_numbers(const Extent3& shape, DType dtype, unsigned seed) {
  const double most = dtype == DType::float16 ? 2048 : 2e6;
  return whole_numbers(shape, dtype, seed, static_cast<int>(std::max(lowest_of(dtype), -most)),
                       static_cast<int>(std::min(highest_of(dtype), most)));
}

inline Volume filtered(const Volume& in, const KernelList& kernels, const Boundary& boundary) {
  return mapped(in, kernels, boundary, 2, Resources().memory, true);
}

inline double value_at(const Volume& volume, std::int64_t z, std::int64_t y, std::int64_t x) {
  return visit_dtype(volume.meta.dtype,
                     [&]<class T>(Type<T>) { return static_cast<double>(volume.at<T>(z, y, x)); });
}

/// Every voxel from the values of its neighbourhood, in scan order; the type stays.
inline Volume plain_filter(const Volume& in, const Footprint& footprint, const Boundary& boundary,
                           const std::function<double(const std::vector<double>&)>& value_of) {
  Volume out(in.meta.shape, in.meta.dtype);
  const Extent3 n = in.meta.shape;
  const Extent3 reach = footprint.reach();
  const auto look = [&](std::int64_t z, std::int64_t y, std::int64_t x) {
    const std::int64_t a = boundary_index(z, n.z, boundary.mode);
    const std::int64_t b = boundary_index(y, n.y, boundary.mode);
    const std::int64_t c = boundary_index(x, n.x, boundary.mode);
    return a < 0 || b < 0 || c < 0 ? static_cast<double>(boundary.value) : value_at(in, a, b, c);
  };
  std::vector<double> values;
  for (std::int64_t z = 0; z < n.z; ++z)
    for (std::int64_t y = 0; y < n.y; ++y)
      for (std::int64_t x = 0; x < n.x; ++x) {
        values.clear();
        for (std::int64_t dz = -reach.z; dz <= reach.z; ++dz)
          for (std::int64_t dy = -reach.y; dy <= reach.y; ++dy)
            for (std::int64_t dx = -footprint.chord(dz, dy); dx <= footprint.chord(dz, dy); ++dx)
              values.push_back(look(z + dz, y + dy, x + dx));
        visit_dtype(in.meta.dtype,
                    [&]<class T>(Type<T>) { out.at<T>(z, y, x) = T(static_cast<float>(value_of(values))); });
      }
  return out;
}

}  // namespace vox::test
