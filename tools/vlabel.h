// The subcommands of vlabel: each fills a card of its own.
#pragma once

#include "cli/tool.h"

void add_components(vox::ToolCard& card);
void add_measure(vox::ToolCard& card);
void add_select(vox::ToolCard& card);
void add_fill_holes(vox::ToolCard& card);
void add_distance(vox::ToolCard& card);
void add_watershed(vox::ToolCard& card);
