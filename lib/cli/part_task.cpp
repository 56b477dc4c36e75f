#include "cli/part_task.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "core/error.h"
#include "core/numbers.h"
#include "engine/block_plan.h"
#include "io/formats.h"
#include "io/part_survey.h"

namespace vox {
namespace {

/// A whole number that the environment says; none when it says nothing.
std::optional<std::int64_t> number_in(const Environment& environment, const std::string& name) {
  const std::optional<std::string> text = environment(name);
  if (!text || text->empty()) return std::nullopt;
  std::int64_t number = 0;
  if (!try_parse(*text, number))
    fail_usage("environment variable " + name + ": '" + *text + "' is no number");
  return number;
}

PartChoice checked(const PartChoice& choice, const std::string& of) {
  constexpr std::int64_t kMost = 1'000'000;
  if (choice.part < 1 || choice.part > choice.parts || choice.parts > kMost)
    fail_usage(of + " is no part; write K/N with K from 1 to N, as 2/8");
  return choice;
}

std::optional<PartChoice> array_part(const Environment& environment) {
  const auto id = number_in(environment, "SLURM_ARRAY_TASK_ID");
  if (!id) return std::nullopt;
  const std::int64_t first = number_in(environment, "SLURM_ARRAY_TASK_MIN").value_or(1);
  const std::int64_t step =
      std::max<std::int64_t>(1, number_in(environment, "SLURM_ARRAY_TASK_STEP").value_or(1));
  const auto count = number_in(environment, "SLURM_ARRAY_TASK_COUNT");
  if (!count) fail_usage("--part auto: SLURM_ARRAY_TASK_COUNT is not set; write --part K/N");
  return checked({(*id - first) / step + 1, *count},
                 "--part auto: task " + std::to_string(*id) + " of an array of " + std::to_string(*count));
}

/// What the launchers of parallel programs say. The nearest one counts: an MPI in a Slurm job knows better.
PartChoice part_of_launcher(const Environment& environment) {
  if (const auto part = array_part(environment)) return *part;
  constexpr std::array<std::array<const char*, 2>, 3> kRanks = {
      {{"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"},
       {"PMI_RANK", "PMI_SIZE"},
       {"SLURM_PROCID", "SLURM_NTASKS"}}};
  for (const auto& [rank_name, size_name] : kRanks) {
    const auto rank = number_in(environment, rank_name);
    const auto size = number_in(environment, size_name);
    if (rank && size) return checked({*rank + 1, *size}, "--part auto: " + std::string(rank_name));
  }
  fail_usage("--part auto: neither Slurm nor MPI has started this process; write --part K/N, as 2/8");
}

}  // namespace

void fail_other_part(const std::string& path, const std::string& differs) {
  fail_usage(path + ": differs from this part in " + differs +
             "; --redo replaces such parts, or name another output");
}

PartChoice parse_part(std::string_view text, const Environment& environment) {
  if (text == "auto") return part_of_launcher(environment);
  PartChoice choice{0, 0};
  const std::size_t slash = text.find('/');
  const bool read = slash != std::string_view::npos && try_parse(text.substr(0, slash), choice.part) &&
                    try_parse(text.substr(slash + 1), choice.parts);
  if (!read) choice = {0, 0};
  return checked(choice, "--part '" + std::string(text) + "'");
}

Interval planes_of_part(std::int64_t count, std::int64_t unit, const PartChoice& choice) {
  const std::int64_t units = (count - 1) / unit + 1;
  const auto begin_of = [&](std::int64_t part) {
    // units * part / parts without the product, which could be too large.
    const std::int64_t unit_begin = units / choice.parts * part + units % choice.parts * part / choice.parts;
    return std::min(unit_begin * unit, count);
  };
  return {begin_of(choice.part - 1), begin_of(choice.part)};
}

PartTask::PartTask(const PartChoice& choice, PartCommand command, std::vector<std::string> inputs,
                   std::string output, const CommonOptions& options)
    : choice_(choice),
      command_(std::move(command)),
      inputs_(std::move(inputs)),
      output_(std::move(output)),
      create_(options.create),
      redo_(options.redo),
      explain_(options.explain),
      format_(shared_format(output_)) {
  command_.parts = choice.parts;
}

std::optional<std::string> PartTask::why_own_record_counts() const {
  const std::optional<PartRecord> record = read_sound_record(own_record());
  if (!record) return std::nullopt;
  if (const std::string input = changed_input(record->command); !input.empty())
    fail_usage(own_record() + ": " + input + " has changed since; --redo makes the part again");
  if (!damage(output_, record->pieces).empty()) return std::nullopt;
  return output_ + ": part " + std::to_string(choice_.part) + " of " + std::to_string(choice_.parts) +
         " is done already; --redo makes it again";
}

/// One record stands for all: each was compared with one before it was written.
void PartTask::refuse_others(const PartCommand& now) const {
  for (const std::string& path : list_records(output_)) {
    const std::optional<PartRecord> record = read_sound_record(path);
    if (!record) continue;
    const std::string differs = difference(record->command, now);
    if (!differs.empty()) fail_other_part(path, differs);
    return;
  }
}

void PartTask::remove_others() const {
  for (const std::string& path : list_records(output_)) {
    const std::optional<PartRecord> record = read_sound_record(path);
    if (record && difference(record->command, command_).empty() && changed_input(record->command).empty())
      continue;
    ::unlink(path.c_str());
  }
}

/// The output is there, made by this command of inputs that have not changed since.
bool PartTask::is_output() const {
  PartCommand now = command_;
  if (now.inputs.empty())
    for (const std::string& input : inputs_) now.inputs.push_back(look_at(input));
  return is_output_of(output_, now);
}

std::optional<std::string> PartTask::reason_to_skip(bool for_voxels) const {
  const bool is_ours = is_output();
  if (!redo_) {
    if (is_ours) return finished_text();
    refuse_others(command_);
    if (auto reason = for_voxels ? why_own_record_counts() : std::nullopt) return reason;
  }
  if (output_exists(output_) && !create_.force && !is_ours)
    fail_usage(output_ + ": exists; use --force to replace it");
  return std::nullopt;
}

void PartTask::plan(const VolumeMeta& meta, std::int64_t tile, const std::vector<std::string>& inputs) {
  PartLayout layout = format_.layout(output_, meta, create_);
  layout.planes = common_multiple(layout.planes, std::max<std::int64_t>(tile, 1), meta.shape.z);
  plan(meta, layout, inputs);
}

void PartTask::plan(const VolumeMeta& meta, const PartLayout& layout,
                    const std::vector<std::string>& inputs) {
  command_.meta = meta;
  for (const std::string& input : inputs) command_.inputs.push_back(look_at(input));
  command_.layout = layout.text;
  planes_ = planes_of_part(meta.shape.z, layout.planes, choice_);
  units_ = (meta.shape.z - 1) / layout.planes + 1;
  leaves_voxels_ = !layout.is_complete;
  // Before first passes a plan may not know the output's type.
  if (!redo_ && !explain_) refuse_others(command_);
}

std::string PartTask::finished_text() const {
  return output_ + ": is finished already; --redo makes its parts again";
}

std::string PartTask::done_text() const {
  return output_ + ": part " + std::to_string(choice_.part) + " of " + std::to_string(choice_.parts) +
         " is done, planes " + std::to_string(planes_.begin) + " to " + std::to_string(planes_.end);
}

bool PartTask::finished_by_others() const {
  return !redo_ && !completed_ && (is_output() || why_own_record_counts());
}

void PartTask::begin() const {
  const bool has_record = ::access(own_record().c_str(), F_OK) == 0;
  // The first pass of a task that runs twice may have taken hours.
  if (finished_by_others()) fail(finished_text());
  make_shared_folder(parts_folder(output_));
  if (redo_) remove_others();
  // What is written again does not count until it is complete. A record that has come since is a copy's, who
  // wrote the same bytes.
  if (has_record) ::unlink(own_record().c_str());
}

std::unique_ptr<PartSink> PartTask::create_sink() const {
  begin();
  return format_.create(output_, command_.meta, create_, planes_);
}

void PartTask::complete(std::vector<PartPiece> pieces, const std::optional<Range>& range,
                        const Tally& tally) {
  PartRecord record{command_, choice_.part, planes_};
  add_checksums(output_, pieces);
  record.pieces = std::move(pieces);
  record.range = range;
  record.tally = tally;
  record.force = create_.force || redo_;
  make_shared_folder(parts_folder(output_));
  write_record(own_record(), record);
  completed_ = true;
}

}  // namespace vox
