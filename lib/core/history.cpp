#include "core/history.h"

namespace vox {
namespace {

void append_commands(const History& history, std::string& script) {
  for (std::size_t i = 0; i < history.size(); ++i) {
    const HistoryEntry& entry = history[i];
    for (const HistoryInput& input : entry.inputs) {
      if (input.history.empty()) continue;
      script += "# " + shell_quote(input.path) + ":\n";
      append_commands(input.history, script);
    }
    script += entry.tool;
    for (const std::string& argument : entry.args) script += " " + shell_quote(argument);
    // The volume passed through a pipe when this command named no file to write.
    const bool last = i + 1 == history.size();
    const bool next_has_inputs = !last && !history[i + 1].inputs.empty();
    const bool to_pipe = !entry.args.empty() && entry.args.back() == "-";
    script += !last && to_pipe && !next_has_inputs ? " | \\\n" : "\n";
  }
}

}  // namespace

std::string to_shell_script(const History& history) {
  std::string script = "#!/bin/sh\nset -e\n";
  append_commands(history, script);
  return script;
}

std::string shell_quote(const std::string& argument) {
  constexpr const char* kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./,:@%";
  if (!argument.empty() && argument.find_first_not_of(kPlain) == std::string::npos) return argument;
  std::string quoted = "'";
  for (char c : argument) {
    if (c == '\'')
      quoted += "'\\''";
    else
      quoted += c;
  }
  return quoted + "'";
}

}  // namespace vox
