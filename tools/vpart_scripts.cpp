// vpart make, slurm: scripts that run a command as N processes.
#include <filesystem>

#include "core/history.h"
#include "io/part_pass.h"
#include "vpart.h"
#include "vpart_spread.h"

namespace {

using namespace vox;

constexpr std::int64_t kMebibyte = 1 << 20;
constexpr std::int64_t kMemoryBeyond = 128;           // MiB: the program itself, and room for the page cache
constexpr std::int64_t kBytesPerMinute = 1200 << 20;  // 20 MiB/s, a slow share of a busy file system
constexpr std::int64_t kLeastMinutes = 10;

std::string shell_text(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + shell_quote(word);
  return text;
}

/// For a makefile: `$` has a meaning there.
std::string make_text(std::string text) {
  for (std::size_t at = 0; (at = text.find('$', at)) != std::string::npos; at += 2) text.insert(at, "$");
  return text;
}

std::string make_name(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  std::string name;
  for (const char c : path) name += std::string(c == ' ' || c == '#' || c == ':' ? "\\" : "") + c;
  return make_text(name);
}

/// What joins the parts.
std::string finish_text(const PartedCommand& command) {
  const std::string memory =
      command.finish_computes ? "--memory " + std::to_string(command.memory) + " " : "";
  return "vpart finish " + memory + shell_quote(command.output);
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
    rules += "\n" + name + " :=" + states + "\n" + own_rules;
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

/// The lines that submit the jobs of a command, one after the other.
class SlurmScript {
 public:
  SlurmScript(const PartedCommand& command, const SpreadOptions& options)
      : command_(command),
        options_(options),
        name_("--job-name=" +
              shell_quote(std::filesystem::path(parts_folder(command.output)).stem().string())) {
    text_ =
        "#!/bin/bash\n# " + std::to_string(command.parts) + " parts of: " + shell_text(command.words) +
        "\n# Submits a job array for each pass and a job that joins, each after the one before. Submitted "
        "again, it goes\n# on where it was stopped.\nset -euo pipefail\n";
    text_ += "cd " + shell_quote(std::filesystem::current_path().string()) + "\n";
  }

  /// An array whose number goes to the variable `name`. `pass` as of `command_of_part`.
  void add_array(const std::string& name, const std::string& pass, std::int64_t bytes) {
    text_ += name + "=$(sbatch --parsable " + name_ + after() + " --array=1-" +
             std::to_string(command_.parts) + needs() + limits(bytes) +
             " --signal=B:TERM@60 --requeue --open-mode=append" + more() + " <<'END'\n#!/bin/bash\nexec";
    for (const std::string& word : command_of_part(command_, "PART", pass))
      text_ += " " + (word == "PART" ? "\"$SLURM_ARRAY_TASK_ID/" + std::to_string(command_.parts) + "\""
                                     : shell_quote(word));
    text_ += "\nEND\n)\n";
    before_ = name;
  }

  /// Its number is what the script prints.
  void add_join() {
    text_ += "sbatch --parsable " + name_ + after() + (command_.finish_computes ? needs() : " --mem=256M") +
             limits(command_.bytes_of_output) + more() + " <<'END'\n#!/bin/bash\nexec " +
             finish_text(command_) + "\nEND\n";
  }

  const std::string& text() const { return text_; }

 private:
  std::string after() const {
    return before_.empty() ? ""
                           : " --dependency=\"afterok:${" + before_ + "%%;*}\" --kill-on-invalid-dep=yes";
  }
  /// Of a job that makes voxels.
  std::string needs() const {
    const std::int64_t memory = (command_.memory + kMebibyte - 1) / kMebibyte + kMemoryBeyond;
    return " --cpus-per-task=" + std::to_string(command_.threads) + " --mem=" + std::to_string(memory) + "M";
  }
  std::string limits(std::int64_t bytes) const {
    return " --time=" + (options_.time.empty() ? std::to_string(kLeastMinutes + bytes / kBytesPerMinute)
                                               : shell_quote(options_.time));
  }
  std::string more() const { return options_.sbatch.empty() ? "" : " " + options_.sbatch; }

  const PartedCommand& command_;
  const SpreadOptions& options_;
  std::string name_;
  std::string before_;
  std::string text_;
};

void print_slurm(const SpreadOptions& options, Context& context) {
  const PartedCommand command = command_to_spread(options, context);
  SlurmScript script(command, options);
  for (std::int64_t pass = 1; pass <= command.first_passes; ++pass)
    script.add_array("pass" + std::to_string(pass), "reduce", command.bytes_of_first);
  script.add_array("parts", command.first_passes > 0 ? "map" : "", command.bytes_of_output);
  script.add_join();
  context.print(script.text());
}

}  // namespace

void add_make(ToolCard& card) {
  const auto options = std::make_shared<SpreadOptions>();
  begin_spread(card, "make", "Print a makefile that runs the parts of a command and joins them", *options);
  card.description = {
      "Its first target is the output. A newer input makes it again. The targets reduce and map stop after "
      "the "
      "first passes that parts share, and before the join."};
  card.examples = {
      {"vpart make -n 3 -- vclip -p 1,99 scan.tif clipped.raw > parts.mk && make -f parts.mk -j2",
       "three parts, two at a time"}};
  card.run = [options](Context& context) { print_makefile(*options, context); };
}

void add_slurm(ToolCard& card) {
  const auto options = std::make_shared<SpreadOptions>();
  begin_spread(card, "slurm", "Print a script that submits the parts of a command to Slurm, and their join",
               *options);
  card.description = {
      "The parts share first passes where what these find can be added up: an array for each, then one for "
      "the "
      "output, then the join, each after the one before (afterok). Submitted again, the script goes on where "
      "it "
      "was stopped.",
      "Memory, threads and time limit of a task come from what the command says of itself (--explain): its "
      "--memory and a little more, its -j, and what reading and writing take at 20 MiB/s. A task that must "
      "end "
      "is told 60 s before, and ends with status 143."};
  card.examples = {{"vpart slurm -n 8 --sbatch=--partition=short -- vclip -p 1,99 scan.tif clipped.raw",
                    "a script for bash"}};
  card.params.value("time", 0, "LIMIT", "time limit of each task, as sbatch reads it", options->time);
  card.params.value("sbatch", 0, "OPTIONS", "further options of sbatch, in one word", options->sbatch);
  card.run = [options](Context& context) { print_slurm(*options, context); };
}
