#include "cli/tool.h"

namespace vox {

ToolCard& ToolCard::positional(std::string positional_name, std::string help, std::string& target) {
  const bool required = target.empty();
  positionals.push_back({std::move(positional_name), std::move(help), required,
                         [&target](std::string_view text) { target = text; }});
  return *this;
}

ToolCard& ToolCard::input_output(std::string& input, std::string& output_word) {
  input = "-";
  output_word = "-";
  positional("INPUT", "Volume to read: a file, a folder or quoted glob of slices, or - for standard input",
             input);
  return positional("OUTPUT", "Volume to write; its extension says the format, - means standard output",
                    output_word);
}

ToolCard& ToolCard::command_words(std::string help, std::vector<std::string>& words) {
  trailing_command = {std::move(help), [&words](std::vector<std::string> all) { words = std::move(all); }};
  return *this;
}

}  // namespace vox
