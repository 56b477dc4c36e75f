// A volume opened at the resolution that will do.
#pragma once

#include <functional>
#include <memory>

#include "io/volume_io.h"

namespace vox {

/// True when a level of that shape is large enough.
using EnoughLevel = std::function<bool(const VolumeMeta& whole, const Extent3& level)>;

/// A volume at one of its resolutions.
struct LevelInput {
  std::unique_ptr<SlabSource> source;
  VolumeMeta whole;  ///< of the whole resolution
};

}  // namespace vox
