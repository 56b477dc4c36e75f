// The subcommands of vpart: run (vpart_spread), make, slurm; status and finish (vpart_join).
#pragma once

#include "cli/tool.h"

void add_run(vox::ToolCard& card);
void add_make(vox::ToolCard& card);
void add_slurm(vox::ToolCard& card);
void add_status(vox::ToolCard& card);
void add_finish(vox::ToolCard& card);
