// VolumeMeta to and from JSON: the only reader and writer of metadata, for sidecars and for stream headers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/meta.h"

namespace vox {

/// What a sidecar or a stream header said. A sidecar beside a TIFF may leave shape and dtype out.
struct SidecarFacts {
  VolumeMeta meta;
  bool has_shape = false;
  bool has_dtype = false;
  bool has_kind = false;
  bool big_endian = false;
  bool is_stream = false;
};

/// "scan.raw.json" for "scan.raw", "slices.json" for "slices/".
std::string sidecar_path(const std::string& data_path);

/// Pretty-printed JSON with a final newline. Voxels that we write are little-endian.
std::string meta_to_sidecar(const VolumeMeta& meta);
/// The same in one line without a newline.
std::string meta_to_line(const VolumeMeta& meta);
/// One line of JSON without a newline, with `"stream": 1`.
std::string meta_to_stream_line(const VolumeMeta& meta);

/// Parses and checks any of these forms. Throws a damaged-input error that begins with `where` and names the
/// key.
SidecarFacts parse_sidecar(std::string_view text, const std::string& where);

/// Reads the sidecar of a data file; nothing when there is none.
std::optional<SidecarFacts> read_sidecar(const std::string& data_path);

/// Completes and overrides what a file said of itself by its sidecar. Shape and dtype must agree when both
/// speak.
void apply_sidecar(const std::string& data_path, VolumeMeta& meta);

/// Completes what a header said of a volume by `line`, which `meta_to_line` wrote into it. `untouched`: the
/// header is as we wrote it, and the line says all. Else another program has written the file since: its
/// geometry is what the header says, and the range of its voxels is not known.
void apply_embedded(std::string_view line, bool untouched, const std::string& where, VolumeMeta& meta);

}  // namespace vox
