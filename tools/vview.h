// The subcommands of vview: each fills a card of its own.
#pragma once

#include "cli/context.h"
#include "cli/tool.h"

void add_html(vox::ToolCard& card);
