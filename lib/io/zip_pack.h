// A folder becomes a zip archive.
#pragma once

#include <string>

#include "io/bytes.h"

namespace vox {

/// Writes all files below `folder` into an archive, uncompressed, with ZIP64 fields where they are needed:
/// what `comes_first(name)` holds of, from the top of the hierarchy down, then the others; each by name. The
/// same folder gives the same bytes. `comment` stands at the archive's end.
void pack_zip(const std::string& folder, bool (*comes_first)(const std::string& name),
              const std::string& comment, ByteSink& out);

}  // namespace vox
