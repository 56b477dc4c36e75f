#include "cli/generate.h"
#include "cli/parse.h"
#include "core/numbers.h"

namespace vox {
namespace {

/// `text` within single quotes of the shell, with what is special to `_arguments` escaped.
std::string described(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') safe += '\\';
    safe += c;
    if (c == '\'') safe += "\\''";
  }
  return safe;
}

/// What `_arguments` offers for an option's value: choices, files, or nothing but the name of the value.
std::string value_spec(const Param& param) {
  if (param.is_flag()) return {};
  // Two colons: the value may be left out.
  const std::string colon = param.optional_value.empty() ? ":" : "::";
  std::string action = " ";
  if (param.is_path) action = "_files";
  if (!param.choices.empty()) action = "(" + joined(param.choices, " ") + ")";
  return colon + described(param.metavar) + ":" + action;
}

std::string option_specs(const Params& params, const std::string& indent) {
  std::string text;
  for (const Param& param : params.list()) {
    const std::string spec = "[" + described(param.help) + "]" + value_spec(param) + "'";
    const std::string equals = param.is_flag() ? "" : (param.optional_value.empty() ? "=" : "=-");
    text.append(indent).append("'--").append(param.name).append(equals).append(spec).append(" \\\n");
    if (param.short_name == 0) continue;
    const char* const plus = param.is_flag() ? "" : "+";
    text.append(indent).append("'-").append(1, param.short_name).append(plus).append(spec).append(" \\\n");
  }
  return text;
}

std::string subcommand_part(const ToolCard& card, const CommonOptions& options) {
  CommonOptions unused = options;
  std::string names;
  std::string branches;
  for (const ToolCard& subcommand : card.subcommands) {
    names.append("        '")
        .append(subcommand.name)
        .append(":")
        .append(described(subcommand.summary))
        .append("'\n");
    branches.append("        ").append(subcommand.name).append(")\n          _arguments -s \\\n");
    branches += option_specs(options_in_scope(card, subcommand, unused), "            ");
    branches += "            '*:file:_files' ;;\n";
  }
  return "  case $state in\n    subcommand)\n      local -a subcommands=(\n" + names +
         "      )\n      _describe subcommand subcommands ;;\n    rest)\n      case $words[1] in\n" +
         branches + "      esac ;;\n  esac\n";
}

}  // namespace

std::string zsh_completion(const ToolCard& card) {
  CommonOptions unused;
  const bool plain = card.subcommands.empty();
  std::string text = "#compdef " + card.name + "\n_" + card.name + "() {\n";
  text += plain ? "  _arguments -s \\\n" : "  local state\n  _arguments -s -C \\\n";
  text += option_specs(options_in_scope(card, card, unused), "    ");
  text += plain ? "    '*:file:_files'\n" : "    '1: :->subcommand' \\\n    '*:: :->rest'\n";
  if (!plain) text += subcommand_part(card, unused);
  return text + "}\n_" + card.name + " \"$@\"\n";
}

}  // namespace vox
