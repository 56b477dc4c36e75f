// What every tool is made of: a card that says what users see, and a run function that gets a context.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/params.h"

namespace vox {

class Context;

/// A command line that works when pasted (tests run it in a folder with `scan.tif`, `scan.raw` and
/// `mask.tif`) and what it is for.
struct Example {
  std::string command;
  std::string what;
};

/// Which groups of the options common to all tools a tool has; the others do not exist for it.
struct CommonGroups {
  bool input = true;   ///< --roi, --level, --in-* ...
  bool output = true;  ///< -c, -f, --no-history
  bool run = true;     ///< -j, --memory, --tmpdir, --explain, --report, --progress
  bool scale = false;  ///< --spacing, --unit, --origin, --kind without `input`, which has them too
};

/// A command of the user's that stands behind `--`: `-- COMMAND [ARG...]`, at least one word.
struct TrailingCommand {
  std::string help;
  std::function<void(std::vector<std::string>)> set;
};

/// Everything that users see of a tool or of one of its subcommands. Help, man page, completion and
/// `--generate json` come from it.
struct ToolCard {
  std::string name;                      ///< "vclip"; of a subcommand: "minmax"
  std::string summary;                   ///< one sentence without a final period
  std::vector<std::string> description;  ///< paragraphs: numerics down to ties, borders, NaN
  std::string memory;  ///< access class and what it holds: "streaming; a few blocks of rows"
  std::vector<Example> examples;
  std::vector<Positional> positionals;
  std::optional<TrailingCommand> trailing_command;
  Params params;
  CommonGroups common;
  std::vector<ToolCard> subcommands;    ///< when there are any, one must be named
  std::function<void(Context&)> run;    ///< unset when there are subcommands
  std::function<std::string()> output;  ///< what parts share, where no positional is just called OUTPUT
  std::string one_means;  ///< what exit status 1 says when it is no failure; failures are then 2

  /// Required when `target` is empty; else what it holds (usually `-`) is the default.
  ToolCard& positional(std::string positional_name, std::string help, std::string& target);
  /// INPUT and OUTPUT, both `-` by default.
  ToolCard& input_output(std::string& input, std::string& output);
  /// Required, behind `--`.
  ToolCard& command_words(std::string help, std::vector<std::string>& words);
};

/// Parses the command line, runs the card's function and turns errors into one line on stderr and an exit
/// status. Owns signals, progress, the report and the final check of standard output.
int tool_main(int argc, char** argv, const ToolCard& card);

}  // namespace vox
