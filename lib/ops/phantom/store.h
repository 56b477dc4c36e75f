// Grey values and noise become voxels of any type.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/dtype.h"

namespace vox {

/// intensity = black + grey * range + normal * noise.
struct IntensityScale {
  double black = 0;
  double range = 1;
  double noise = 0;
};

/// Writes `count` voxels of `dtype`: rounded half to even, saturating. Types of up to 16 bits and float32 are
/// computed in single precision, the others in double. `normals` may be null: no noise. Types with 16 bits or
/// fewer: values are within one unit of the exact ones.
void store_voxels(DType dtype, const IntensityScale& scale, const float* grey, const float* normals,
                  std::int64_t count, std::byte* out);

}  // namespace vox
