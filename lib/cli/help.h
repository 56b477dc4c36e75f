// The help of a tool or of one of its subcommands, as --help prints it.
#pragma once

#include <string>

#include "cli/tool.h"

namespace vox {

/// `text` broken at blanks into lines of at most `width` columns, each behind `indent` blanks; words that are
/// longer stay whole. Ends with a newline.
std::string wrapped(const std::string& text, int indent, int width);

/// Plain text in lines of at most `width` columns. `params`: all options in scope (`options_in_scope`).
std::string help_text(const ToolCard& card, const ToolCard& command, const Params& params, int width);

/// "vclip (voxpipe) 0.1.0".
std::string version_text(const ToolCard& card);

}  // namespace vox
