// vpart make: a makefile that runs a command as N processes.
#include "core/history.h"
#include "core/path_text.h"
#include "io/part_pass.h"
#include "vpart.h"
#include "vpart_spread.h"

namespace {

using namespace vox;

/// For a makefile: `$` has a meaning there.
std::string make_text(std::string text) {
  for (std::size_t at = 0; (at = text.find('$', at)) != std::string::npos; at += 2) text.insert(at, "$");
  return text;
}

std::string make_name(const std::string& path) {
  std::string name;
  for (const char c : without_slashes(path))
    name += std::string(c == ' ' || c == '#' || c == ':' ? "\\" : "") + c;
  return make_text(name);
}

std::string rule(const std::string& target, const std::string& sources,
                 const std::vector<std::string>& words) {
  return "\n" + target + ":" + sources + "\n\t" +
         make_text(shell_text(with_options(words, {"--redo", "--force"}))) + "\n";
}

/// Adds the rules of first passes that parts share, each after all of the one before. Returns the name of
/// what the last of them make; empty when there is none.
std::string add_first_passes(const PartedCommand& command, const std::string& inputs, std::string& rules) {
  std::string before;
  for (std::int64_t pass = 1; pass <= command.first_passes; ++pass) {
    const std::string name = "PASS" + std::to_string(pass);
    std::string states;
    std::string own_rules;
    for (std::int64_t part = 1; part <= command.parts; ++part) {
      const std::string state = make_name(pass_path(command.output, pass, part, command.parts));
      states += " \\\n  " + state;
      own_rules += rule(state, inputs + before, command_of_part(command, part_text(part, command), "reduce"));
    }
    rules.append("\n").append(name).append(" :=").append(states).append("\n").append(own_rules);
    before = " $(" + name + ")";
  }
  return before;
}

void print_makefile(const SpreadOptions& options, Context& context) {
  const PartedCommand command = command_to_spread(options, context);
  std::string inputs;
  for (const std::string& input : command.inputs)
    if (input != "-") inputs += " " + make_name(input);
  std::string text = "# " + std::to_string(command.parts) +
                     " parts of: " + make_text(shell_text(command.words)) +
                     "\n# make -j4 makes those that are missing, four at a time, then joins them.\n";
  const std::string output = make_name(command.output);
  std::string records;
  std::string rules;
  const std::string before = add_first_passes(command, inputs, rules);
  for (std::int64_t part = 1; part <= command.parts; ++part) {
    const std::string record = make_name(record_path(command.output, part, command.parts));
    records += " \\\n  " + record;
    rules += rule(record, inputs + before,
                  command_of_part(command, part_text(part, command), before.empty() ? "" : "map"));
  }
  text += "PARTS :=" + records + "\n\n" + output + ": $(PARTS)\n\t" + make_text(finish_text(command)) + "\n" +
          rules;
  if (output != "reduce" && output != "map")
    text += "\n.PHONY: reduce map\nreduce:" + before + "\nmap: $(PARTS)\n";
  // Records go when the output is there; they need not be made again for that.
  context.print(text + "\n.SECONDARY: $(PARTS)" + before + "\n");
}

}  // namespace

void add_make(ToolCard& card) {
  const auto options = std::make_shared<SpreadOptions>();
  begin_spread(card, "make", "Print a makefile that runs the parts of a command and joins them", *options);
  card.description = {
      "Its first target is the output. A newer input makes it again. The targets reduce and map stop after "
      "the first passes that parts share, and before the join."};
  card.examples = {
      {"vpart make -n 3 -- vclip -p 1,99 scan.tif clipped.raw > parts.mk && make -f parts.mk -j2",
       "three parts, two at a time"}};
  card.run = [options](Context& context) { print_makefile(*options, context); };
}
