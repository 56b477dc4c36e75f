// The meta that voxpipe leaves inside files whose format has a place for text, so that nothing is lost when
// the sidecar is.
#pragma once

#include <string>

#include "core/meta.h"

namespace vox {

/// The text to leave there: one line of JSON. The range is left out: programs that change voxels and keep
/// such text would make it wrong.
std::string embedded_meta(const VolumeMeta& meta);

/// Completes what a file's own fields said (`apply_embedded`). Where they contradict the text by more than
/// rounding to 32 bits, another program changed them, and they win. Throws a damaged-input error that begins
/// with `where`.
void apply_embedded_meta(const std::string& text, const std::string& where, VolumeMeta& meta);

}  // namespace vox
