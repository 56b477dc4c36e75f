// The subcommands of vlabel: each adds its card.
#pragma once

#include "cli/tool.h"

namespace vox {

void add_distance(ToolCard& card);
void add_watershed(ToolCard& card);

}  // namespace vox
