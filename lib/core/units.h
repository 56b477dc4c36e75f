// Physical units of length, and lengths that a user writes in voxels or in a unit.
#pragma once

#include <string>
#include <string_view>

#include "core/meta.h"

namespace vox {

/// The long name ("micrometer") of a unit given by its long or short name or in another spelling ("um", "µm",
/// "micron", "microns"); empty when it is not a length we know. "pixel" and "voxel" are no units.
std::string unit_long_name(std::string_view name);
/// "um" for "micrometer"; the name itself when it is not one we know.
std::string unit_short_name(std::string_view long_name);
/// Metres in one unit; 0 when unknown.
double unit_in_metres(std::string_view long_name);

/// A length as a user writes it: `3` (voxels), or `3um`, `0.1mm` (physical).
struct Length {
  double value = 0;
  std::string unit;  ///< a long name; empty: voxels
};

/// Throws a usage error for anything else than a number with an optional unit.
Length parse_length(std::string_view text);

/// The length in voxels along each axis. Throws a usage error when it is physical and the volume has no
/// spacing or unit.
Vector3 length_in_voxels(const Length& length, const VolumeMeta& meta);

/// The size of an object as a user writes it: `500` (voxels), or `500um3`, `0.1mm3` (physical).
struct ObjectSize {
  double value = 0;
  std::string unit;  ///< of length, a long name; empty: voxels
};

/// Throws a usage error for anything else than a whole number of voxels or a number with a cubed unit.
ObjectSize parse_object_size(std::string_view text);

/// The size in voxels, not rounded. Throws a usage error when it is physical and the volume has no spacing or
/// unit.
double size_in_voxels(const ObjectSize& size, const VolumeMeta& meta);

}  // namespace vox
