// What help, manual page and JSON say alike about a card.
#pragma once

#include <string>
#include <vector>

#include "cli/tool.h"

namespace vox {

/// How a trailing command is written.
inline constexpr const char* kTrailingCommand = "COMMAND [ARG...]";

/// "vnormalize minmax" for a subcommand, else the tool's name.
std::string full_name(const ToolCard& card, const ToolCard& command);

/// "vclip [OPTIONS] [INPUT [OUTPUT]]".
std::string synopsis(const ToolCard& card, const ToolCard& command);

/// "LO,HI"; "[=S]" for a value that may be left out; empty for flags. With what stands before it: " LO,HI".
std::string value_spelling(const Param& param);

/// The text with a capital first letter.
std::string sentence(std::string text);

/// The help with the choices and the default: "Type of the output (uint8, uint16; default: the input's)".
std::string option_description(const Param& param);

/// Options under one heading.
struct OptionGroup {
  std::string heading;
  std::vector<Param> options;
};

/// The options by their groups, in the order in which the groups begin; a tool's own come first, as
/// "Options".
std::vector<OptionGroup> option_groups(const Params& params);

struct ExitStatus {
  std::string status;
  std::string meaning;
};

std::vector<ExitStatus> exit_statuses(const ToolCard& card);

struct EnvironmentVariable {
  std::string name;
  std::string meaning;
};

/// What all tools read.
std::vector<EnvironmentVariable> environment_variables();

}  // namespace vox
