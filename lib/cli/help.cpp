#include "cli/help.h"

#include <algorithm>
#include <sstream>

#include "cli/usage.h"
#include "core/version.h"

namespace vox {
namespace {

constexpr int kTermIndent = 2;
constexpr int kDescriptionColumn = 28;
// Lines longer than this are hard to read, however wide the terminal.
constexpr int kWidestText = 110;

/// Columns that a text takes: characters, not bytes.
int columns(const std::string& text) {
  return static_cast<int>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

/// A term on the left and its description on the right, or below when the term is long.
std::string entry(const std::string& term, const std::string& description, int width) {
  const std::string left = std::string(kTermIndent, ' ') + term;
  const std::string right = wrapped(description, kDescriptionColumn, width);
  const int gap = kDescriptionColumn - columns(left);
  if (gap < 2) return left + "\n" + right;
  return left + std::string(static_cast<std::size_t>(gap), ' ') + right.substr(kDescriptionColumn);
}

std::string option_term(const Param& param) {
  const std::string short_part = param.short_name == 0 ? "    " : std::string("-") + param.short_name + ", ";
  return short_part + "--" + param.name + value_spelling(param);
}

std::string described(const ToolCard& command, int width) {
  std::string text;
  for (const std::string& paragraph : command.description) text += "\n" + wrapped(paragraph, 0, width);
  return text;
}

std::string arguments_text(const ToolCard& command, int width) {
  std::string text;
  if (!command.subcommands.empty()) {
    text += "\nSubcommands:\n";
    for (const ToolCard& subcommand : command.subcommands)
      text += entry(subcommand.name, subcommand.summary, width);
  }
  if (command.positionals.empty() && !command.trailing_command) return text;
  text += "\nArguments:\n";
  for (const Positional& positional : command.positionals)
    text += entry(positional.name, sentence(positional.help) + (positional.required ? "" : " (default: -)"),
                  width);
  if (command.trailing_command)
    text += entry(kTrailingCommand, sentence(command.trailing_command->help), width);
  return text;
}

std::string examples_text(const ToolCard& command) {
  if (command.examples.empty()) return {};
  std::string text = "\nExamples:\n";
  for (const Example& example : command.examples)
    text += "  # " + example.what + "\n  " + example.command + "\n";
  return text;
}

}  // namespace

std::string wrapped(const std::string& text, int indent, int width) {
  std::istringstream words(text);
  std::string result;
  std::string line;
  for (std::string word; words >> word;) {
    if (!line.empty() && indent + columns(line) + 1 + columns(word) > width) {
      result += std::string(static_cast<std::size_t>(indent), ' ') + line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return result + std::string(static_cast<std::size_t>(indent), ' ') + line + "\n";
}

std::string help_text(const ToolCard& card, const ToolCard& command, const Params& params, int width) {
  width = std::min(width, kWidestText);
  std::string text = "Usage: " + synopsis(card, command) + "\n" + wrapped(command.summary + ".", 0, width);
  text += described(command, width);
  text += arguments_text(command, width);
  for (const OptionGroup& group : option_groups(params)) {
    text += "\n" + group.heading + ":\n";
    for (const Param& param : group.options)
      text += entry(option_term(param), option_description(param), width);
  }
  if (!command.memory.empty()) text += "\nMemory:\n" + wrapped(command.memory, kTermIndent, width);
  text += "\nExit status:\n";
  for (const ExitStatus& status : exit_statuses(card)) {
    const std::string line = wrapped(status.meaning, 9, width);
    text += "  " + status.status + line.substr(2 + status.status.size());
  }
  return text + examples_text(command);
}

std::string version_text(const ToolCard& card) {
  return card.name + " (voxpipe) " + std::string(version()) + "\n";
}

}  // namespace vox
