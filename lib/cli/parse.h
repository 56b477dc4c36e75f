// From the words of a command line to values: options, positionals and subcommands as a card declares them.
#pragma once

#include <string>
#include <vector>

#include "cli/common_options.h"
#include "cli/named_files.h"
#include "cli/tool.h"

namespace vox {

/// Every option that `command` understands, in the order of the help: its own, those of the tool around it
/// (`card`, which may be `command` itself), the common ones, --help, --version and --generate.
Params options_in_scope(const ToolCard& card, const ToolCard& command, CommonOptions& options);

/// What the user asked for.
struct CommandLine {
  enum class Wish { run, help, version, generate };

  Wish wish = Wish::run;
  const ToolCard* command = nullptr;      ///< the card itself, or the subcommand that was named
  std::string form;                       ///< of `generate`: man, bash or json
  bool streams_out = false;               ///< OUTPUT is `-`: voxels go to standard output
  bool makes_volume = false;              ///< OUTPUT is there, and the command writes a volume of that name
  std::string output;                     ///< the word for OUTPUT, or what parts share; may be empty
  std::vector<NamedFile> files;           ///< positionals and options that are paths
  std::vector<std::string> history_args;  ///< as typed, without the options that leave the voxels alone, with
                                          ///< a `-` for each positional left out
};

/// Sets the values that `arguments` (without the program's name) give. Options may stand anywhere; a
/// subcommand's behind its name. Values stand in the next word or joined (`--range=0,9`, `-r0,9`, `-r=0,9`)
/// and may be negative numbers; everything behind `--` is positional (or the words of a trailing command),
/// and so is `-`. --help and its kin end the reading. Throws usage errors of one line that end with a remedy.
CommandLine parse_command_line(const ToolCard& card, const std::vector<std::string>& arguments,
                               CommonOptions& options);

}  // namespace vox
