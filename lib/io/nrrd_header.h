// The header of NRRD files: its syntax, and what it says of a volume.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/meta.h"
#include "io/bytes.h"

namespace vox {

/// A header's lines.
struct NrrdHeader {
  std::map<std::string, std::string>
      fields;  ///< "name: description", names in lower case and their first spelling
  std::map<std::string, std::string> keys;  ///< "key:=value", without escapes
  std::int64_t bytes = 0;                   ///< up to where attached voxels begin
  bool untouched = false;                   ///< as we wrote it, by its checksum

  /// The description of a field; empty when there is none.
  const std::string& field(const std::string& name) const;
};

/// Takes the header off the bytes. Throws a damaged-input error when it has no end.
NrrdHeader read_nrrd_header(ByteSource& bytes);

/// Which of the file's axes, the fastest first, are the volume's X, Y and Z; two for a plane. Axes of length
/// 1 are left out where there are more. Throws a usage error that names the axis when that does not give a
/// volume.
struct NrrdAxes {
  std::vector<std::int64_t> sizes;  ///< of all axes
  std::vector<std::size_t> chosen;  ///< X, Y, Z
};
NrrdAxes nrrd_axes(const NrrdHeader& header, const std::string& where);

/// Spacing, unit, origin and direction, the last two in a space whose axes point left, posterior and superior
/// when the header names an anatomical one.
void read_nrrd_geometry(const NrrdHeader& header, const NrrdAxes& axes, VolumeMeta& meta);

/// The key of our own line, and the one of the checksum of all before it.
inline constexpr const char* kNrrdMetaKey = "voxpipe";
inline constexpr const char* kNrrdChecksumKey = "voxpipe_crc32c";

}  // namespace vox
