// What the parts of an OME-Zarr of one level and of several have in common.
#pragma once

#include <string>
#include <vector>

#include "io/part_sink.h"
#include "io/zarr_store.h"

namespace vox {

/// The store, below the folder of the parts, of a layout.
std::string zarr_parts_store(const std::string& layout);
/// The files of an array with those planes. `folder`: of the parts; `array`: below it.
std::vector<PartPiece> zarr_pieces(const std::string& folder, const std::string& array,
                                   const ZarrArraySpec& spec, const Interval& planes);

}  // namespace vox
