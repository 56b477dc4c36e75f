// vpart run, make, slurm: a command as N processes.
#include <algorithm>
#include <memory>

#include "cli/context.h"
#include "cli/finish_parts.h"
#include "cli/part_command.h"
#include "core/error.h"
#include "core/history.h"
#include "io/child_process.h"
#include "io/part_survey.h"
#include "vpart.h"
#include "vpart_spread.h"

namespace {

using namespace vox;

void run_all(const PartedCommand& command, const std::string& pass, int at_once) {
  std::vector<std::vector<std::string>> commands;
  for (std::int64_t part = 1; part <= command.parts; ++part)
    commands.push_back(command_of_part(command, part_text(part, command), pass));
  const int threads = std::max(1, command.threads / at_once);
  const std::vector<int> statuses =
      run_commands(commands, at_once, {"VOXPIPE_THREADS=" + std::to_string(threads)});
  for (std::size_t i = 0; i < statuses.size(); ++i)
    if (statuses[i] != 0)
      throw Error(kind_of_end(statuses[i]),
                  "part " + part_text(static_cast<std::int64_t>(i) + 1, command) + ": " +
                      end_in_words(statuses[i]) +
                      "; what is done stays, and running the same again goes on from there");
}

void run_here(const SpreadOptions& options, Context& context) {
  if (options.at_once < 1) fail_usage("--processes must be 1 or more");
  const PartedCommand command = command_to_spread(options, context);
  for (std::int64_t pass = 0; pass < command.first_passes; ++pass)
    run_all(command, "reduce", options.at_once);
  run_all(command, command.first_passes > 0 ? "map" : "", options.at_once);
  const PartSurvey survey = survey_parts(command.output, 0);
  if (survey.finished) return tidy_parts(command.output);
  if (!survey.complete()) fail(command.output + ": parts are missing; see vpart status " + command.output);
  context.resources().memory = command.memory;
  context.resources().threads = command.threads;
  finish_parts(command.output, survey, false, context);
}

}  // namespace

void begin_spread(ToolCard& card, const char* name, const char* summary, SpreadOptions& options) {
  card.name = name;
  card.summary = summary;
  card.memory = "what the command takes, per process";
  card.common = {.input = false, .output = false, .run = false};
  card.params.value("parts", 'n', "N", "number of parts", options.parts);
  card.command_words("the command, as for one process; its output must be one that parts can share",
                     options.words);
}

std::string shell_text(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + shell_quote(word);
  return text;
}

std::string finish_text(const PartedCommand& command) {
  const std::string memory =
      command.finish_computes ? "--memory " + std::to_string(command.memory) + " " : "";
  return "vpart finish " + memory + shell_quote(command.output);
}

std::string part_text(std::int64_t part, const PartedCommand& command) {
  return std::to_string(part) + "/" + std::to_string(command.parts);
}

PartedCommand command_to_spread(const SpreadOptions& options, Context& context) {
  if (!options.parts) fail_usage("how many parts? Say --parts N");
  if (*options.parts < 1) fail_usage("--parts must be 1 or more");
  PartedCommand command = ask_command(options.words, *options.parts);
  if (command.units < command.parts && command.first_passes == 0)
    context.say(command.output + ": has only " + std::to_string(command.units) +
                (command.units == 1 ? " layer" : " layers") +
                " to share; the other parts will have nothing to do");
  return command;
}

void add_run(ToolCard& card) {
  const auto options = std::make_shared<SpreadOptions>();
  begin_spread(card, "run", "Run the parts of a command here, then join them", *options);
  card.description = {
      "A first pass over the volume (percentiles, range, Otsu's threshold, objects) is shared by the parts, "
      "too, where what it finds can be added up. Stopped, it goes on from there when it is run again. With "
      "several processes at a time each gets its share of the threads, unless the command says -j."};
  card.examples = {{"vpart run -n 3 -P 2 -- vfilter median -r 1 scan.tif median.raw",
                    "three parts, two at a time, into one file"}};
  card.params.value("processes", 'P', "P", "parts that run at the same time", options->at_once)
      .default_is("1");
  card.run = [options](Context& context) { run_here(*options, context); };
}
