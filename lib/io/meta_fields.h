// Which parts of the meta a file's own fields say, so that other programs see them.
#pragma once

#include <string>

#include "core/meta.h"

namespace vox {

/// Parts of the meta that other programs know, too. Kind, range and history are voxpipe's own.
struct MetaFields {
  bool spacing = false;
  bool unit = false;
  bool origin = false;
  bool direction = false;
  bool value_map = false;

  bool operator==(const MetaFields&) const = default;
};

/// Where a format puts the meta.
struct MetaPlaces {
  /// What the file's own fields say of such a volume. None: nothing but voxpipe reads the meta of this format
  /// anyway.
  MetaFields (*fields)(const VolumeMeta& meta) = nullptr;
  bool inside = false;   ///< all of it but the range, in words of voxpipe's own, is in the file, too
  bool sidecar = false;  ///< all of it is in a sidecar
};

/// One line that says which parts of `meta` the fields of a `format` file do not hold, and where they stand
/// instead; empty when nothing is lost. What has the value that others take for granted is no loss.
std::string unheld_text(const std::string& path, std::string_view format, const MetaPlaces& places,
                        const VolumeMeta& meta);

}  // namespace vox
