// A command line that makes a volume, to be run in parts: for vpart.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vox {

/// What a command says of itself (`--part N/N --explain --json`).
struct PartedCommand {
  std::vector<std::string> words;
  std::int64_t parts = 1;
  std::string output;
  std::vector<std::string> inputs;
  std::int64_t units = 0;         ///< so many parts have something to do at most
  std::int64_t first_passes = 0;  ///< that parts can share
  std::int64_t memory = 0;
  int threads = 1;
  std::int64_t bytes_of_first = 0;   ///< that a part reads and writes in all first passes that are shared
  std::int64_t bytes_of_output = 0;  ///< and for its output, with first passes that each part runs itself
  bool finish_computes = false;      ///< `vpart finish` makes voxels, with as much memory as a part
};

/// Asks the program, which does no work. Throws what it says when it cannot do that in parts.
PartedCommand ask_command(const std::vector<std::string>& words, std::int64_t parts);

/// The words with further options, which stand before a `--` among them.
std::vector<std::string> with_options(const std::vector<std::string>& words,
                                      const std::vector<std::string>& options);
/// The command for one part, with the memory that was asked about: what depends on it must be alike. `pass`:
/// "reduce" or "map"; empty: the part runs first passes itself.
std::vector<std::string> command_of_part(const PartedCommand& command, const std::string& part,
                                         const std::string& pass);

/// Runs commands, `at_once` of them, in our place: standard streams are ours. `environment`: "NAME=value"
/// besides what ours says. Returns the statuses, as waitpid(2) gives them. A wish to stop is passed on.
std::vector<int> run_commands(const std::vector<std::vector<std::string>>& commands, int at_once,
                              const std::vector<std::string>& environment);

}  // namespace vox
