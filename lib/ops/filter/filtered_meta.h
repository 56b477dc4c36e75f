// The metas behind filters.
#pragma once

#include <cmath>
#include <optional>

#include "core/meta.h"

namespace vox {

/// Behind a filter whose results are voxels of the input: only the range is no longer known.
inline VolumeMeta meta_of_chosen_voxels(const VolumeMeta& input) {
  VolumeMeta meta = input;
  meta.range.reset();
  return meta;
}

/// Behind a filter that computes: intensities of type `dtype`, whose value map stays.
inline VolumeMeta meta_of_means(const VolumeMeta& input, DType dtype) {
  VolumeMeta meta = meta_of_chosen_voxels(input);
  meta.dtype = dtype;
  meta.kind = Kind::intensity;
  return meta;
}

/// Behind a filter of differences: a constant drops out, a factor becomes `factor_of(slope)`.
inline VolumeMeta meta_of_differences(const VolumeMeta& input, DType dtype, double (*factor_of)(double)) {
  VolumeMeta meta = meta_of_means(input, dtype);
  if (meta.value_map) meta.value_map = ValueMap{factor_of(meta.value_map->slope), 0};
  return meta;
}

/// Behind a filter that takes voxels of the input from each other: as above, but of a mask it leaves a mask.
inline VolumeMeta meta_of_voxel_differences(const VolumeMeta& input, double (*factor_of)(double)) {
  VolumeMeta meta = meta_of_differences(input, input.dtype, factor_of);
  if (input.kind == Kind::mask) meta.kind = Kind::mask;
  return meta;
}

}  // namespace vox
