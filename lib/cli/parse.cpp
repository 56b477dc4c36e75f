#include "cli/parse.h"

#include <algorithm>

#include "cli/argument_walk.h"
#include "cli/suggest.h"
#include "core/error.h"
#include "core/numbers.h"

namespace vox {
namespace {

void declare_general(Params& params) {
  const auto nothing = [](std::string_view) {};
  const std::size_t first = params.list().size();
  params
      .option("generate", 0, "WHAT",
              "Print the manual page, a completion for a shell, or a description as JSON", nothing)
      .one_of({"man", "bash", "zsh", "json"});
  params.option("version", 0, "", "Print the version", nothing);
  params.option("help", 'h', "", "Print this help", nothing);
  for (std::size_t i = first; i < params.list().size(); ++i) params.list()[i].group = "General options";
}

void append(Params& params, const Params& more) {
  params.list().insert(params.list().end(), more.list().begin(), more.list().end());
}

std::string help_hint(const std::string& command) { return "see '" + command + " --help'"; }

CommandLine::Wish wish_of(const Param& param) {
  if (param.name == "help") return CommandLine::Wish::help;
  if (param.name == "version") return CommandLine::Wish::version;
  if (param.name == "generate") return CommandLine::Wish::generate;
  return CommandLine::Wish::run;
}

/// Adds where the trouble is, and a remedy where the message has none.
template <class Use>
void with_place(const std::string& place, const std::string& help, Use&& use) {
  try {
    use();
  } catch (const Error& error) {
    const std::string message = error.what();
    const std::string remedy = message.find("; ") == std::string::npos ? "; " + help : "";
    throw Error(error.kind(), place + ": " + message + remedy);
  }
}

void check_choice(const Param& param, const Argument& argument) {
  const std::vector<std::string>& choices = param.choices;
  if (choices.empty() || std::find(choices.begin(), choices.end(), argument.value) != choices.end()) return;
  const std::string near = nearest_word(argument.value, choices);
  fail_usage("option '" + argument.spelling + "': '" + argument.value + "' is not one of " +
             joined(choices, ", ") + (near.empty() ? "; choose one" : "; did you mean '" + near + "'?"));
}

/// The options given so far; says when two of them exclude each other.
class GivenOptions {
 public:
  void add(const Param& param) {
    for (const Param* other : given_) {
      if (!excludes(*other, param) && !excludes(param, *other)) continue;
      fail_usage("options '--" + other->name + "' and '--" + param.name +
                 "' exclude each other; give only one of them");
    }
    given_.push_back(&param);
  }

 private:
  static bool excludes(const Param& a, const Param& b) {
    return std::find(a.excludes.begin(), a.excludes.end(), b.name) != a.excludes.end();
  }

  std::vector<const Param*> given_;
};

/// The subcommand that stands as the first positional; null when --help or its kin come before it.
const ToolCard* find_subcommand(const ToolCard& card, const std::vector<std::string>& words) {
  CommonOptions unused;
  ToolCard any = card;
  any.common = CommonGroups{};
  const Params params = options_in_scope(any, any, unused);
  const std::string help = "options of a subcommand stand behind its name; " + help_hint(card.name);
  ArgumentWalk walk(params, words, help);
  std::vector<std::string> names;
  for (const ToolCard& subcommand : card.subcommands) names.push_back(subcommand.name);
  for (Argument argument; walk.next(argument);) {
    if (argument.param != nullptr && wish_of(*argument.param) != CommandLine::Wish::run) return nullptr;
    if (argument.param != nullptr) continue;
    const auto found = std::find(names.begin(), names.end(), argument.value);
    if (found != names.end()) return &card.subcommands[static_cast<std::size_t>(found - names.begin())];
    const std::string near = nearest_word(argument.value, names);
    fail_usage("unknown subcommand '" + argument.value + "'; " +
               (near.empty() ? "known: " + joined(names, ", ") : "did you mean '" + near + "'?"));
  }
  fail_usage("which subcommand? One of " + joined(names, ", ") + "; " + help_hint(card.name));
}

void set_positionals(const ToolCard& command, const std::vector<std::string>& values,
                     const std::string& help) {
  const std::vector<Positional>& declared = command.positionals;
  if (values.size() > declared.size()) {
    std::string names;
    for (const Positional& positional : declared) names.append(" ").append(positional.name);
    fail_usage("unexpected argument '" + values[declared.size()] + "' behind" +
               (names.empty() ? " the command" : names) + "; " + help);
  }
  for (std::size_t i = 0; i < declared.size(); ++i) {
    if (i < values.size())
      with_place(declared[i].name, help, [&] { declared[i].set(values[i]); });
    else if (declared[i].required)
      fail_usage("argument " + declared[i].name + " is missing; " + help);
  }
}

void set_trailing_command(const ToolCard& command, std::vector<std::string> words, const std::string& help) {
  if (!command.trailing_command) return;
  if (words.empty()) fail_usage("the command is missing: write it behind '--'; " + help);
  command.trailing_command->set(std::move(words));
}

/// Who reads the history must see where a pipe was: a `-` for each of `count` positionals left out, before
/// the words of a command.
void add_dashes(std::size_t count, bool before_command, std::vector<std::string>& args) {
  const auto place = before_command ? std::find(args.begin(), args.end(), "--") : args.end();
  args.insert(place, count, "-");
}

std::string output_of(const ToolCard& command, const std::vector<std::string>& values) {
  if (command.output) return command.output();
  for (std::size_t i = 0; i < command.positionals.size(); ++i)
    if (command.positionals[i].name == "OUTPUT") return i >= values.size() ? "-" : values[i];
  return {};
}

}  // namespace

Params options_in_scope(const ToolCard& card, const ToolCard& command, CommonOptions& options) {
  Params params = command.params;
  if (&card != &command) append(params, card.params);
  declare_common(params, command.common, options);
  declare_general(params);
  return params;
}

CommandLine parse_command_line(const ToolCard& card, const std::vector<std::string>& arguments,
                               CommonOptions& options) {
  CommandLine line;
  const ToolCard* subcommand = card.subcommands.empty() ? nullptr : find_subcommand(card, arguments);
  line.command = subcommand == nullptr ? &card : subcommand;
  const std::string help = help_hint(card.name + (subcommand == nullptr ? "" : " " + subcommand->name));
  const Params params = options_in_scope(card, *line.command, options);
  ArgumentWalk walk(params, arguments, help);
  GivenOptions given;
  std::vector<std::string> positionals;
  std::vector<std::string> trailing;
  for (Argument argument; walk.next(argument);) {
    if (argument.param == nullptr) {
      const bool of_command = argument.behind_dashes && line.command->trailing_command;
      (of_command ? trailing : positionals).push_back(argument.value);
      continue;
    }
    const Param& param = *argument.param;
    check_choice(param, argument);
    line.wish = wish_of(param);
    line.form = argument.value;
    if (line.wish != CommandLine::Wish::run) return line;
    given.add(param);
    if (param.is_path && param.name != "tmpdir")
      line.files.push_back({argument.spelling, argument.value, !param.changes_voxels, param.changes_voxels});
    with_place("option '" + argument.spelling + "'", help, [&] { param.set(argument.value); });
  }
  if (subcommand != nullptr) positionals.erase(positionals.begin());
  set_positionals(*line.command, positionals, help);
  set_trailing_command(*line.command, std::move(trailing), help);
  for (std::size_t i = 0; i < positionals.size(); ++i) {
    const std::string& name = line.command->positionals[i].name;
    line.files.push_back({name, positionals[i], name.starts_with("OUTPUT") && line.command->common.run});
  }
  line.output = output_of(*line.command, positionals);
  line.streams_out = !line.command->output && line.output == "-";
  line.makes_volume = line.command->common.output && !line.command->output && !line.output.empty();
  line.history_args = walk.kept();
  add_dashes(line.command->positionals.size() - positionals.size(),
             line.command->trailing_command.has_value(), line.history_args);
  return line;
}

}  // namespace vox
