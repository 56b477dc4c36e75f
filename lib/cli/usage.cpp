#include "cli/usage.h"

#include <algorithm>

namespace vox {

std::string full_name(const ToolCard& card, const ToolCard& command) {
  return &card == &command ? card.name : card.name + " " + command.name;
}

std::string synopsis(const ToolCard& card, const ToolCard& command) {
  std::string text = full_name(card, command);
  if (!command.subcommands.empty()) return text + " SUBCOMMAND [OPTIONS] ...";
  text += " [OPTIONS]";
  std::string brackets;
  for (const Positional& positional : command.positionals) {
    text += positional.required ? " " : " [";
    if (!positional.required) brackets += "]";
    text += positional.name;
  }
  return text + brackets + (command.trailing_command ? std::string(" -- ") + kTrailingCommand : "");
}

std::string value_spelling(const Param& param) {
  if (param.is_flag()) return {};
  return param.optional_value.empty() ? " " + param.metavar : "[=" + param.metavar + "]";
}

std::string sentence(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

std::string option_description(const Param& param) {
  std::string choices;
  for (const std::string& choice : param.choices) choices += (choices.empty() ? "" : ", ") + choice;
  const std::string shown_default = param.default_text.empty() ? "" : "default: " + param.default_text;
  if (choices.empty() && shown_default.empty()) return sentence(param.help);
  return sentence(param.help) + " (" + choices + (choices.empty() || shown_default.empty() ? "" : "; ") +
         shown_default + ")";
}

std::vector<OptionGroup> option_groups(const Params& params) {
  std::vector<OptionGroup> groups;
  for (const Param& param : params.list()) {
    const std::string heading = param.group.empty() ? "Options" : param.group;
    const auto same = [&](const OptionGroup& group) { return group.heading == heading; };
    auto found = std::find_if(groups.begin(), groups.end(), same);
    if (found == groups.end()) found = groups.insert(groups.end(), {heading, {}});
    found->options.push_back(param);
  }
  return groups;
}

std::vector<EnvironmentVariable> environment_variables() {
  return {{"VOXPIPE_THREADS", "Threads where --threads is not given"},
          {"VOXPIPE_MEMORY", "Memory where --memory is not given"},
          {"VOXPIPE_SIMD",
           "Vector instructions to use at most (baseline, avx2, avx512); the voxels are the same"},
          {"TMPDIR", "Folder for scratch files where --tmpdir is not given"},
          {"NO_COLOR", "When set, no colours on the terminal"}};
}

std::vector<ExitStatus> exit_statuses(const ToolCard& card) {
  const std::string failed = "failed, also when the tool upstream said so";
  std::vector<ExitStatus> statuses = {{"0", "done, also when the reader downstream has had enough"}};
  if (card.one_means.empty()) {
    statuses.push_back({"1", failed});
    statuses.push_back({"2", "wrong usage"});
  } else {
    statuses.push_back({"1", card.one_means});
    statuses.push_back({"2", "wrong usage; " + failed});
  }
  statuses.push_back({"3", "more memory needed than allowed (the message says how much)"});
  statuses.push_back({"4", "no space or quota left for an output"});
  statuses.push_back({"5", "input damaged or cut short"});
  statuses.push_back({"128+n", "ended by signal n"});
  return statuses;
}

}  // namespace vox
