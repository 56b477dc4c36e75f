#include "cli/generate.h"
#include "cli/parse.h"
#include "cli/usage.h"
#include "core/json_text.h"
#include "core/version.h"

namespace vox {
namespace {

std::optional<std::string> unless_empty(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return text;
}

JsonObject positional_object(const Positional& positional) {
  JsonObject object;
  object.add("name", positional.name).add("help", positional.help).add("required", positional.required);
  return object;
}

JsonObject option_object(const Param& param) {
  const std::string letter = param.short_name == 0 ? "" : std::string("-") + param.short_name;
  JsonObject object;
  object.add("name", "--" + param.name)
      .add("short", unless_empty(letter))
      .add("value", unless_empty(param.metavar));
  object.add("value_optional", !param.optional_value.empty()).add("help", param.help);
  object.add("default", unless_empty(param.default_text)).add("choices", param.choices);
  object.add("excludes", param.excludes)
      .add("changes_voxels", param.changes_voxels)
      .add("is_path", param.is_path);
  object.add("group", unless_empty(param.group));
  return object;
}

JsonObject command_object(const ToolCard& card, const ToolCard& command) {
  JsonArray positionals;
  for (const Positional& positional : command.positionals) positionals.add(positional_object(positional));
  JsonArray options;
  CommonOptions unused;
  const Params params = options_in_scope(card, command, unused);
  for (const Param& param : params.list()) options.add(option_object(param));
  JsonArray examples;
  for (const Example& example : command.examples)
    examples.add(JsonObject().add("command", example.command).add("what", example.what));
  JsonArray subcommands;
  for (const ToolCard& subcommand : command.subcommands) subcommands.add(command_object(card, subcommand));
  JsonObject object;
  object.add("name", command.name).add("summary", command.summary).add("usage", synopsis(card, command));
  object.add("description", command.description).add("memory", unless_empty(command.memory));
  const auto& trailing = command.trailing_command;
  object.add("positionals", positionals)
      .add("trailing_command", trailing ? std::optional(trailing->help) : std::nullopt);
  object.add("options", options).add("examples", examples);
  object.add("subcommands", subcommands);
  return object;
}

}  // namespace

std::string description_json(const ToolCard& card) {
  JsonObject statuses;
  for (const ExitStatus& status : exit_statuses(card)) statuses.add(status.status, status.meaning);
  JsonObject object = command_object(card, card);
  object.add("version", version()).add("exit_status", statuses);
  return object.text() + "\n";
}

}  // namespace vox
