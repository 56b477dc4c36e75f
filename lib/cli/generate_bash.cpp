#include "cli/generate.h"
#include "cli/parse.h"
#include "core/numbers.h"

namespace vox {
namespace {

// Readline splits words at `=`, so the value of --name=value arrives behind a word of its own.
constexpr const char* kStart = R"({
  local current="${COMP_WORDS[COMP_CWORD]}" option="" subcommand="" i
  ((COMP_CWORD > 0)) && option="${COMP_WORDS[COMP_CWORD - 1]}"
  if [[ $current == "=" ]]; then
    current=""
  elif [[ $option == "=" ]] && ((COMP_CWORD > 1)); then
    option="${COMP_WORDS[COMP_CWORD - 2]}"
  fi
)";

constexpr const char* kFiles =
    R"(compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$current"))";

std::string words_reply(const std::string& words) {
  return "mapfile -t COMPREPLY < <(compgen -W \"" + words + "\" -- \"$current\")";
}

std::vector<std::string> subcommand_names(const ToolCard& card) {
  std::vector<std::string> names;
  for (const ToolCard& subcommand : card.subcommands) names.push_back(subcommand.name);
  return names;
}

/// Branches of `case "$subcommand:$option"` for options that take a value.
std::string value_branches(const std::string& scope, const Params& params) {
  std::string text;
  for (const Param& param : params.list()) {
    if (param.is_flag() || !param.optional_value.empty()) continue;
    text.append("    ").append(scope).append(":--").append(param.name);
    if (param.short_name != 0) text.append(" | ").append(scope).append(":-").append(1, param.short_name);
    text += ") ";
    if (param.is_path)
      text.append(kFiles).append("; ");
    else if (!param.choices.empty())
      text.append(words_reply(joined(param.choices, " "))).append("; ");
    text += "return ;;\n";
  }
  return text;
}

/// A branch of `case "$subcommand"` for words that begin with a dash.
std::string option_branch(const std::string& scope, const Params& params) {
  std::vector<std::string> words;
  for (const Param& param : params.list()) {
    words.push_back("--" + param.name);
    if (param.short_name != 0) words.push_back(std::string("-") + param.short_name);
  }
  return "      " + scope + ") " + words_reply(joined(words, " ")) + " ;;\n";
}

}  // namespace

std::string bash_completion(const ToolCard& card) {
  CommonOptions unused;
  const Params own = options_in_scope(card, card, unused);
  std::string values = value_branches("", own);
  std::string options = option_branch("\"\"", own);
  for (const ToolCard& subcommand : card.subcommands) {
    const Params params = options_in_scope(card, subcommand, unused);
    values += value_branches(subcommand.name, params);
    options += option_branch(subcommand.name, params);
  }
  const std::vector<std::string> names = subcommand_names(card);
  const std::string function = "_voxpipe_" + card.name;
  std::string text = "# bash completion for " + card.name + "\n" + function + "() " + kStart;
  if (!names.empty())
    text += "  for ((i = 1; i < COMP_CWORD; i++)); do\n    case \"${COMP_WORDS[i]}\" in\n      " +
            joined(names, " | ") + ") subcommand=\"${COMP_WORDS[i]}\"; break ;;\n    esac\n  done\n";
  text += "  case \"$subcommand:$option\" in\n" + values + "  esac\n";
  text += "  if [[ $current == -* ]]; then\n    case \"$subcommand\" in\n" + options + "    esac\n";
  if (!names.empty())
    text += "  elif [[ -z $subcommand ]]; then\n    " + words_reply(joined(names, " ")) + "\n";
  text += std::string("  else\n    ") + kFiles + "\n  fi\n}\n";
  return text + "complete -F " + function + " " + card.name + "\n";
}

}  // namespace vox
