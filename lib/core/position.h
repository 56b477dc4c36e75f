// Where along an axis a plane lies, as a user writes it.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/meta.h"

namespace vox {

/// The index of a plane among those along `axis` (0 for z, 1 for y, 2 for x): a whole number, which counts
/// from the end when negative; a percentage of the axis, as "50%" (100% is the last plane); or a distance
/// from the volume's corner, as "1.2mm", which means the plane that holds this point (a point between two
/// planes: the later one). Throws a usage error for other texts and when the volume ends before.
std::int64_t plane_index(std::string_view text, const VolumeMeta& meta, std::size_t axis);

}  // namespace vox
