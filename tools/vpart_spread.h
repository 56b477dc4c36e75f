// What the subcommands of vpart that spread a command share.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/part_command.h"
#include "cli/tool.h"

struct SpreadOptions {
  std::optional<std::int64_t> parts;
  int at_once = 1;
  std::string time;
  std::string sbatch;
  std::vector<std::string> words;
};

/// The card of such a subcommand, with what all of them have.
void begin_spread(vox::ToolCard& card, const char* name, const char* summary, SpreadOptions& options);
/// What the command says of itself; says when there are more parts than it can share.
vox::PartedCommand command_to_spread(const SpreadOptions& options, vox::Context& context);
/// As a shell reads them.
std::string shell_text(const std::vector<std::string>& words);
/// What joins the parts, for a shell.
std::string finish_text(const vox::PartedCommand& command);
/// "2/8".
std::string part_text(std::int64_t part, const vox::PartedCommand& command);
