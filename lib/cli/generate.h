// Manual page, shell completion and a description for programs: --generate, all from the card.
#pragma once

#include <string>

#include "cli/tool.h"

namespace vox {

/// A page of section 1 for man(1): all subcommands in one page.
std::string manual_page(const ToolCard& card);

/// A script for bash that completes options, their choices, subcommands and file names.
std::string bash_completion(const ToolCard& card);

/// The same for zsh, with what each option means.
std::string zsh_completion(const ToolCard& card);

/// One JSON object: name, version, summary, usage, description, memory, positionals, options, examples,
/// exit_status and, in the same form, subcommands.
std::string description_json(const ToolCard& card);

}  // namespace vox
