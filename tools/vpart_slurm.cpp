// vpart slurm: a script that submits a command as job arrays.
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

void add_slurm(ToolCard& card) {
  const auto options = std::make_shared<SpreadOptions>();
  begin_spread(card, "slurm", "Print a script that submits the parts of a command to Slurm, and their join",
               *options);
  card.description = {
      "The parts share first passes where what these find can be added up: an array for each, then one for "
      "the output, then the join, each after the one before (afterok). Submitted again, the script goes on "
      "where it was stopped.",
      "Memory, threads and time limit of a task come from what the command says of itself (--explain): its "
      "--memory and a little more, its -j, and what reading and writing take at 20 MiB/s. A task that must "
      "end is told 60 s before, and ends with status 143."};
  card.examples = {{"vpart slurm -n 8 --sbatch=--partition=short -- vclip -p 1,99 scan.tif clipped.raw",
                    "a script for bash"}};
  card.params.value("time", 0, "LIMIT", "time limit of each task, as sbatch reads it", options->time);
  card.params.value("sbatch", 0, "OPTIONS", "further options of sbatch, in one word", options->sbatch);
  card.run = [options](Context& context) { print_slurm(*options, context); };
}
