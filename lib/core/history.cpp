#include "core/history.h"

#include <algorithm>

namespace vox {
namespace {

/// A line break would end a comment, and what follows would be run.
std::string in_one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

/// The octal digits of a control character other than the line break and the tabulator, which the shell's
/// `printf` makes again.
std::string octal(char c) {
  const auto code = static_cast<unsigned char>(c);
  return {'\\', static_cast<char>('0' + (code >> 6)), static_cast<char>('0' + (code >> 3 & 7)),
          static_cast<char>('0' + (code & 7))};
}

bool is_control(char c) { return (static_cast<unsigned char>(c) < 32 && c != '\n' && c != '\t') || c == 127; }

void append_commands(const History& history, std::string& script) {
  for (std::size_t i = 0; i < history.size(); ++i) {
    const HistoryEntry& entry = history[i];
    for (const HistoryInput& input : entry.inputs) {
      if (input.history.empty()) continue;
      script += "# " + in_one_line(shell_quote(input.path)) + ":\n";
      append_commands(input.history, script);
    }
    script += shell_quote(entry.tool);
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
  for (std::size_t i = 0; i < argument.size(); ++i) {
    const char c = argument[i];
    const char next = i + 1 < argument.size() ? argument[i + 1] : '\0';
    const bool late_control = c == '\xc2' && (static_cast<unsigned char>(next) & 0xe0u) == 0x80u;
    if (c == '\'')
      quoted += "'\\''";
    else if (late_control || is_control(c))
      quoted += "'\"$(printf '" + octal(c) + (late_control ? octal(argument[++i]) : "") + "')\"'";
    else
      quoted += c;
  }
  return quoted + "'";
}

}  // namespace vox
