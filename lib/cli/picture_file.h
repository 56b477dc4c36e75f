// Pictures on their way to a file.
#pragma once

#include <functional>
#include <string>

#include "ops/render/picture_output.h"

namespace vox {

/// Calls `draw`, whose picture gets the name `path` when it is complete; `-` is standard output.
void write_picture(const std::string& path, PictureFormat format, bool force,
                   const std::function<void(const PictureOutput&)>& draw);

}  // namespace vox
