// The exact range of a volume after an operation on its values.
#pragma once

#include <functional>
#include <optional>

#include "core/meta.h"

namespace vox {

/// The range of `input` behind a step that keeps the order of values, takes a value to `image(value)` and
/// gives voxels of type `to`. Nothing when it is not certain: a range is silent about infinities and NaN, so
/// none may become a finite voxel outside of it; and of 64-bit integers a double may be beside the voxel.
std::optional<Range> range_behind(const VolumeMeta& input, DType to,
                                  const std::function<double(double)>& image);

}  // namespace vox
