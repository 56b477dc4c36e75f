// Which page of a TIFF holds which plane of the volume that the user wants.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "io/tiff_imagej.h"
#include "io/tiff_index.h"
#include "io/tiff_ome.h"
#include "io/volume_io.h"

namespace vox {

/// The planes of one channel and one time point.
struct TiffPlanes {
  std::int64_t count = 0;
  std::int64_t sample = 0;           ///< of several values per pixel
  std::int64_t first = 0;            ///< plane z is page first + z * step,
  std::int64_t step = 1;             ///<
  std::vector<std::int64_t> listed;  ///< unless each is listed

  std::int64_t page_of(std::int64_t z) const {
    return listed.empty() ? first + z * step : listed[static_cast<std::size_t>(z)];
  }
};

/// In files of ImageJ channels change fastest, then planes, then time points; other files hold one stack.
/// `pages` may be more than the index has when all follow one directory. Colours of a pixel count as
/// channels.
TiffPlanes choose_stack_planes(const std::string& path, const TiffIndex& index, std::int64_t pages,
                               const std::optional<ImageJFacts>& facts, const OpenOptions& options);

/// As the OME-XML says.
TiffPlanes choose_ome_planes(const OmeContext& context, const TiffIndex& index, const OmeFacts& facts,
                             const OpenOptions& options);

}  // namespace vox
