#include "core/version.h"

namespace vox {

std::string_view version() { return VOXPIPE_VERSION; }

}  // namespace vox
