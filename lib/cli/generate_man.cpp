#include <algorithm>
#include <cctype>

#include "cli/generate.h"
#include "cli/parse.h"
#include "cli/usage.h"
#include "core/version.h"

namespace vox {
namespace {

/// Text that roff prints as it is: no escapes, no requests at the start of a line, dashes that can be copied.
std::string roff(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool line_start = i == 0 || text[i - 1] == '\n';
    if (line_start && (c == '.' || c == '\'')) result += "\\&";
    if (c == '\\')
      result += "\\e";
    else if (c == '-')
      result += "\\-";
    else if (c == '\'')
      result += "\\(aq";
    else if (c == '~')
      result += "\\(ti";
    else if (c == '^')
      result += "\\(ha";
    else if (c == '`')
      result += "\\(ga";
    else
      result += c;
  }
  return result;
}

std::string bold(const std::string& text) { return "\\fB" + roff(text) + "\\fR"; }
std::string italic(const std::string& text) { return "\\fI" + roff(text) + "\\fR"; }

/// A paragraph with a term that hangs out on the left.
std::string tagged(const std::string& term, const std::string& text) {
  return ".TP\n" + term + "\n" + roff(text) + "\n";
}

std::string section(const std::string& heading, const std::string& body) {
  return body.empty() ? std::string() : ".SH " + heading + "\n" + body;
}

std::string option_term(const Param& param) {
  std::string term = param.short_name == 0 ? "" : bold(std::string("-") + param.short_name) + ", ";
  term += bold("--" + param.name);
  if (param.is_flag()) return term;
  return param.optional_value.empty() ? term + " " + italic(param.metavar)
                                      : term + "[=" + italic(param.metavar) + "]";
}

std::string options_text(const Params& params) {
  std::string text;
  for (const OptionGroup& group : option_groups(params)) {
    if (group.heading != "Options") text += ".SS " + roff(group.heading) + "\n";
    for (const Param& param : group.options) text += tagged(option_term(param), option_description(param));
  }
  return text;
}

std::string paragraphs(const ToolCard& command) {
  std::string text;
  for (const std::string& paragraph : command.description) text += ".PP\n" + roff(paragraph) + "\n";
  return text;
}

std::string arguments(const ToolCard& command) {
  std::string text;
  for (const Positional& positional : command.positionals)
    text += tagged(italic(positional.name),
                   sentence(positional.help) + (positional.required ? "" : " (default: -)"));
  if (command.trailing_command)
    text += tagged(italic(kTrailingCommand), sentence(command.trailing_command->help));
  return text;
}

std::string examples(const ToolCard& command) {
  std::string text;
  for (const Example& example : command.examples)
    text += ".PP\n" + roff(example.what) + ":\n.PP\n.nf\n.RS\n" + roff(example.command) + "\n.RE\n.fi\n";
  return text;
}

std::string subcommands(const ToolCard& card) {
  std::string text;
  for (const ToolCard& subcommand : card.subcommands) {
    text += ".SS " + roff(synopsis(card, subcommand)) + "\n" + roff(subcommand.summary) + ".\n" +
            paragraphs(subcommand);
    text += arguments(subcommand);
    for (const Param& param : subcommand.params.list())
      text += tagged(option_term(param), option_description(param));
    if (!subcommand.memory.empty()) text += ".PP\nMemory: " + roff(subcommand.memory) + ".\n";
  }
  return text;
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

}  // namespace

std::string manual_page(const ToolCard& card) {
  CommonOptions unused;
  std::string all_examples = examples(card);
  for (const ToolCard& subcommand : card.subcommands) all_examples += examples(subcommand);
  std::string statuses;
  for (const ExitStatus& status : exit_statuses(card))
    statuses += tagged(bold(status.status), status.meaning);
  std::string variables;
  for (const EnvironmentVariable& variable : environment_variables())
    variables += tagged(bold(variable.name), variable.meaning);
  std::string page = ".TH " + roff(upper(card.name)) + " 1 \"\" \"voxpipe " + roff(std::string(version())) +
                     "\" \"voxpipe\"\n";
  page += ".nh\n.ad l\n";
  page += section("NAME", roff(card.name) + " \\- " + roff(card.summary) + "\n");
  page += section("SYNOPSIS", roff(synopsis(card, card)) + "\n");
  page += section("DESCRIPTION", paragraphs(card));
  page += section("SUBCOMMANDS", subcommands(card));
  page += section("ARGUMENTS", arguments(card));
  page += section("OPTIONS", options_text(options_in_scope(card, card, unused)));
  page += section("MEMORY", card.memory.empty() ? "" : roff(card.memory) + "\n");
  page += section("EXIT STATUS", statuses);
  page += section("ENVIRONMENT", variables);
  return page + section("EXAMPLES", all_examples);
}

}  // namespace vox
