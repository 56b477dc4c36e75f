#include "cli/part_passes.h"

#include <unistd.h>

#include <algorithm>

#include "core/error.h"
#include "io/part_pass.h"
#include "io/part_survey.h"

namespace vox {

PartPasses::PartPasses(const PartChoice& choice, PassRole role, PartCommand command, std::string output,
                       bool redo)
    : choice_(choice), role_(role), command_(std::move(command)), output_(std::move(output)), redo_(redo) {
  command_.parts = choice.parts;
}

bool PartPasses::can_keep(const Reducer& reducer) {
  KeptState nothing;
  return reducer.empty()->exchange(nothing);
}

void PartPasses::refuse() {
  fail_usage(
      "--pass: the first pass of this command cannot be shared by its parts; leave --pass out: then each "
      "part runs it itself");
}

std::string PartPasses::pass_words() const { return "pass " + std::to_string(round_); }

void PartPasses::refuse_other_counts() const {
  const std::string one = part_name(1, choice_.parts);
  const std::string ending = one.substr(one.find("-of-")) + ".state";
  for (const std::string& path : list_passes(output_)) {
    if (path.ends_with(ending)) continue;
    if (!redo_) fail_other_part(path, "the number of parts");
    ::unlink(path.c_str());
  }
}

/// Refuses what was kept by another command, or with --redo removes it. True: this part has kept something.
bool PartPasses::look_at_kept() const {
  bool own = false;
  for (std::int64_t part = 1; part <= choice_.parts; ++part) {
    const std::string path = pass_path(output_, round_, part, choice_.parts);
    const std::optional<PartCommand> kept = read_pass_command(path);
    if (!kept) continue;
    if (const std::string differs = difference(*kept, looked_at_); !differs.empty()) {
      if (!redo_) fail_other_part(path, differs);
      ::unlink(path.c_str());
    } else {
      own = own || part == choice_.part;
    }
  }
  return own;
}

/// Adds what parts have kept of this pass, up to the first that has not. Returns those that have not.
std::vector<std::int64_t> PartPasses::take_kept(SharedPass& pass) const {
  std::vector<std::int64_t> missing;
  for (std::int64_t part = 1; part <= choice_.parts; ++part) {
    std::optional<PartPass> kept = read_sound_pass(pass_path(output_, round_, part, choice_.parts));
    if (!kept) missing.push_back(part);
    if (!missing.empty()) continue;
    KeptState state(std::move(kept->state));
    try {
      pass.take(state);
      state.check_end();
    } catch (const Error& error) {
      throw Error(error.kind(), pass_path(output_, round_, part, choice_.parts) + ": " + error.what() +
                                    "; run --pass reduce of part " + std::to_string(part) +
                                    " again with --redo");
    }
  }
  return missing;
}

bool PartPasses::take(const VolumeMeta& meta, std::int64_t unit, const std::vector<std::string>& inputs,
                      SharedPass& pass) {
  if (round_++ == 0) refuse_other_counts();
  looked_at_ = command_;
  looked_at_.meta = meta;
  looked_at_.layout = "layers of " + std::to_string(unit);
  for (const std::string& input : inputs) looked_at_.inputs.push_back(look_at(input));
  for (const std::string& word : pass.settings()) looked_at_.args.push_back(word);
  // What others have kept is not worth its memory while this part has something to do.
  if (!look_at_kept() && role_ == PassRole::reduce) return false;
  const std::vector<std::int64_t> missing = take_kept(pass);
  if (missing.empty()) return true;
  const std::string lacks = pass_words() + " of part " + ranges_text(missing) + " of " +
                            std::to_string(choice_.parts) + " is missing";
  if (role_ == PassRole::map)
    fail(output_ + ": " + lacks +
         "; run those parts first (where this has --pass map, with --pass reduce), then this again");
  const bool own = !std::binary_search(missing.begin(), missing.end(), choice_.part);
  if (own && !redo_)
    throw PassEnd{output_ + ": part " + std::to_string(choice_.part) + " of " +
                  std::to_string(choice_.parts) + " has done " + pass_words() + " already; " + lacks};
  return false;
}

void PartPasses::keep(SharedPass& pass) const {
  // A copy of this task was faster, and others have gone on.
  if (!redo_ && is_output_of(output_, looked_at_))
    throw PassEnd{output_ + ": was finished by others meanwhile"};
  KeptState state;
  pass.keep(state);
  write_pass(output_, {looked_at_, round_, choice_.part, state.bytes()});
}

void PartPasses::end() const {
  throw PassEnd{output_ + (round_ == 0 ? ": the command needs no first pass; --pass map makes the parts"
                                       : ": all first passes are done; --pass map makes the parts")};
}

std::int64_t parts_that_kept(const std::string& output) {
  for (const std::string& path : list_passes(output))
    if (const std::optional<PartPass> kept = read_sound_pass(path)) return kept->command.parts;
  return 0;
}

}  // namespace vox
