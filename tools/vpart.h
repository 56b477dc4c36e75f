// The subcommands of vpart, one file for those that spread a command and one for those that look and join.
#pragma once

#include "cli/tool.h"

void add_run(vox::ToolCard& card);
void add_make(vox::ToolCard& card);
void add_slurm(vox::ToolCard& card);
void add_status(vox::ToolCard& card);
void add_finish(vox::ToolCard& card);
