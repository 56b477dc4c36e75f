// What OME-TIFF says in its description: the order of pages and the size of voxels. Files of one part only:
// pages in the order of the XML's DimensionOrder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/meta.h"

namespace vox {

struct OmeFacts {
  std::int64_t channels = 1;  ///< colours of one pixel included
  std::int64_t frames = 1;
  std::string page_order = "CZT";  ///< fastest first
  std::optional<Vector3> spacing;  ///< only when all three axes are given
  std::string unit;                ///< a long name; empty: none that is a length
};

/// Nothing when the description is not OME-XML.
std::optional<OmeFacts> parse_ome(const std::string& description);

/// Adds spacing and unit to `meta`.
void apply_ome(const OmeFacts& facts, VolumeMeta& meta);

}  // namespace vox
