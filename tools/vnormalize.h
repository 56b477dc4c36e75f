// The subcommands of vnormalize: each fills a card of its own.
#pragma once

#include "cli/tool.h"

void add_minmax(vox::ToolCard& card);
void add_zscore(vox::ToolCard& card);
void add_gamma(vox::ToolCard& card);
void add_equalize(vox::ToolCard& card);
void add_drift(vox::ToolCard& card);
void add_zprofile(vox::ToolCard& card);
void add_background(vox::ToolCard& card);
void add_background_mask(vox::ToolCard& card);
void add_match(vox::ToolCard& card);
void add_clahe(vox::ToolCard& card);
