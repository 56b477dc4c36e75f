// vpart status, finish: what is there of an output, and making it one.
#include <memory>

#include "cli/context.h"
#include "cli/finish_parts.h"
#include "core/error.h"
#include "core/json_text.h"
#include "io/part_pass.h"
#include "io/part_survey.h"
#include "vpart.h"

namespace {

using namespace vox;

struct Options {
  std::string output;
  bool json = false;
  bool quick = false;
  bool force = false;
};

std::vector<std::int64_t> numbers_of(const std::vector<PartRecord>& records) {
  std::vector<std::int64_t> numbers;
  numbers.reserve(records.size());
  for (const PartRecord& record : records) numbers.push_back(record.part);
  return numbers;
}

std::string json_of(const std::string& output, const PartSurvey& survey) {
  JsonObject object;
  object.add("output", output).add("finished", survey.finished).add("parts", survey.parts);
  object.add("done", numbers_of(survey.done)).add("missing", survey.missing).add("stale", survey.stale);
  object.add("damaged", survey.damaged).add("reasons", survey.reasons);
  std::string passes;
  for (const PassSurvey& pass : survey_passes(output)) {
    JsonObject one;
    one.add("pass", pass.round).add("done", pass.done).add("missing", pass.missing);
    passes += (passes.empty() ? "" : ", ") + one.text();
  }
  return object.add_json("first_passes", "[" + passes + "]").text() + "\n";
}

/// "missing 2-4; damaged 7".
std::string lacks(const PartSurvey& survey) {
  std::string text;
  const auto add = [&](const char* what, const std::vector<std::int64_t>& numbers) {
    if (!numbers.empty()) text += (text.empty() ? "" : "; ") + std::string(what) + " " + ranges_text(numbers);
  };
  add("missing", survey.missing);
  add("stale", survey.stale);
  add("damaged", survey.damaged);
  return text;
}

/// A line for each first pass.
std::string passes_text(const std::string& output) {
  std::string text;
  for (const PassSurvey& pass : survey_passes(output))
    text += "  first pass " + std::to_string(pass.round) + ": " + std::to_string(pass.done.size()) + " of " +
            std::to_string(pass.done.size() + pass.missing.size()) + " parts have done it" +
            (pass.missing.empty() ? "\n" : "; missing " + ranges_text(pass.missing) + "\n");
  return text;
}

std::string text_of(const std::string& output, const PartSurvey& survey) {
  if (survey.finished) return output + ": finished\n";
  if (survey.parts == 0) return output + ": no part is there\n" + passes_text(output);
  std::string text = output + ": " + std::to_string(survey.done.size()) + " of " +
                     std::to_string(survey.parts) + " parts are done";
  const std::string lack = lacks(survey);
  text += lack.empty() ? "; `vpart finish` joins them\n" : "; " + lack + "\n";
  for (const std::string& reason : survey.reasons) text += "  " + reason + "\n";
  return lack.empty() ? text : text + passes_text(output);
}

/// Threads that look at all voxels.
int readers(const Options& options, Context& context) {
  return options.quick || context.explaining() ? 0 : context.resources().threads;
}

void show_status(const Options& options, Context& context) {
  const PartSurvey survey = survey_parts(options.output, readers(options, context));
  context.print(options.json ? json_of(options.output, survey) : text_of(options.output, survey));
  if (!survey.finished && !survey.complete()) context.set_exit_status(1);
}

void finish(const Options& options, Context& context) {
  const PartSurvey survey = survey_parts(options.output, readers(options, context));
  if (survey.finished) {
    if (!context.explaining()) tidy_parts(options.output);
    return context.say(options.output + ": is finished already");
  }
  if (survey.parts == 0)
    fail(parts_folder(options.output) + ": no part is there; run the command with --part first");
  if (!survey.complete()) {
    for (const std::string& reason : survey.reasons) context.say(reason);
    fail(options.output + ": of " + std::to_string(survey.parts) + " parts, " + lacks(survey) +
         "; run those with --part K/" + std::to_string(survey.parts) +
         (survey.stale.empty() ? "" : " --redo") + ", then finish again");
  }
  finish_parts(options.output, survey, options.force, context);
  if (context.explaining()) return;
  context.say(options.output + ": joined of " + std::to_string(survey.parts) +
              (survey.parts == 1 ? " part" : " parts"));
}

void describe(ToolCard& card, Options& options) {
  card.positional("OUTPUT", "The output that the parts' command named", options.output);
  card.params.flag("quick", 0, "Do not read the voxels to compare checksums", options.quick);
}

}  // namespace

void add_status(ToolCard& card) {
  const auto options = std::make_shared<Options>();
  card.name = "status";
  card.summary = "Tell which parts of an output are done, missing, stale or damaged";
  card.description = {
      "Stale: of another command than most, or of an input that has changed since. Damaged: other bytes than "
      "were written, by their checksums. Of first passes that parts share, it tells who has done them. Exit "
      "status 0 when all are done or the output is finished, else 1."};
  card.examples = {{"vclip -r 0,9 --part 1/2 scan.tif out.raw; vpart status out.raw || true", "one of two"}};
  card.common = {.input = false, .output = false, .run = false};
  card.memory = "the records of the parts";
  describe(card, *options);
  card.params.flag("json", 0, "Print JSON", options->json);
  card.run = [options](Context& context) { show_status(*options, context); };
}

void add_finish(ToolCard& card) {
  const auto options = std::make_shared<Options>();
  card.name = "finish";
  card.summary = "Make an output of its parts";
  card.description = {
      "All parts must be there, be of one command, and hold the bytes that were written. The metadata are "
      "written last, and only then the output has its name; OUTPUT.parts goes. Safe to be stopped, and to be "
      "called again.",
      "The levels of a pyramid that are too small to share are made here, of the last one that parts made: "
      "for that it computes, within --memory. Else it only moves names."};
  card.examples = {
      {"vconvert --part 1/2 scan.tif out.raw; vconvert --part 2/2 scan.tif out.raw; vpart finish out.raw",
       "two parts by hand"}};
  card.common = {.input = false, .output = false};
  card.memory = "the records of the parts; of a pyramid layers of chunks of the levels that it makes";
  describe(card, *options);
  card.params.flag("force", 'f', "Replace an existing output", options->force);
  card.run = [options](Context& context) { finish(*options, context); };
}
