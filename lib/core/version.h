// The version of voxpipe, as `--version` and the history say it.
#pragma once

#include <string_view>

namespace vox {

std::string_view version();

}  // namespace vox
