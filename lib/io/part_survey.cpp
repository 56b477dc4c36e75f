#include "io/part_survey.h"

#include <algorithm>
#include <filesystem>

#include "core/error.h"
#include "core/path_text.h"
#include "io/formats.h"
#include "io/worker_pool.h"

namespace vox {
namespace {

namespace fs = std::filesystem;

/// Those that can be read; the others are counted as damaged.
std::vector<PartRecord> read_records(const std::string& output, PartSurvey& survey) {
  std::vector<PartRecord> records;
  for (const std::string& path : list_records(output)) {
    try {
      if (const auto record = read_record(path)) records.push_back(*record);
    } catch (const Error& error) {
      survey.reasons.emplace_back(error.what());
    }
  }
  return records;
}

/// The first record of the command that most share.
const PartRecord& most_common(const std::vector<PartRecord>& records) {
  std::vector<std::pair<const PartRecord*, std::int64_t>> kinds;
  for (const PartRecord& record : records) {
    const auto kind = std::find_if(kinds.begin(), kinds.end(), [&](const auto& known) {
      return difference(known.first->command, record.command).empty();
    });
    if (kind == kinds.end())
      kinds.emplace_back(&record, 1);
    else
      ++kind->second;
  }
  return *std::max_element(kinds.begin(), kinds.end(), [](const auto& a, const auto& b) {
            return a.second < b.second;
          })->first;
}

std::string staleness(const PartRecord& record, const PartRecord& common) {
  const std::string differs = difference(record.command, common.command);
  if (!differs.empty()) return "differs in " + differs;
  const std::string input = changed_input(record.command);
  return input.empty() ? "" : input + " has changed since";
}

/// What is wrong with the bytes of each part that fits to the others; empty when nothing is.
std::vector<std::string> damages(const std::vector<PartRecord>& records, const PartRecord& common,
                                 const std::string& output, int readers) {
  std::vector<std::string> found(records.size());
  if (readers == 0) return found;
  WorkerPool pool(readers);
  WorkerBatch batch(pool);
  batch.start(static_cast<std::int64_t>(records.size()), [&](std::int64_t job) {
    const auto i = static_cast<std::size_t>(job);
    if (staleness(records[i], common).empty()) found[i] = damage(output, records[i].pieces);
  });
  batch.wait();
  return found;
}

void sort_in(const PartRecord& record, const PartRecord& common, const std::string& damage_found,
             PartSurvey& survey) {
  const std::string name =
      "part " + std::to_string(record.part) + " of " + std::to_string(record.command.parts) + ": ";
  if (const std::string why = staleness(record, common); !why.empty()) {
    if (record.command.parts == survey.parts) survey.stale.push_back(record.part);
    survey.reasons.push_back(name + why);
    return;
  }
  if (!damage_found.empty()) {
    survey.damaged.push_back(record.part);
    survey.reasons.push_back(name + damage_found);
    return;
  }
  survey.done.push_back(record);
}

bool voxels_are_there(const std::string& output, const std::vector<PartRecord>& records) {
  return std::any_of(records.begin(), records.end(), [&](const PartRecord& record) {
    return !record.pieces.empty() && fs::exists(parts_folder(output) + "/" + record.pieces.front().file);
  });
}

/// The planes of all parts are those of the output, each once.
void check_planes(const std::string& output, const PartSurvey& survey) {
  std::vector<Interval> planes;
  for (const PartRecord& record : survey.done) planes.push_back(record.planes);
  std::sort(planes.begin(), planes.end(), [](const Interval& a, const Interval& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  std::int64_t end = 0;
  for (const Interval& part : planes) {
    if (part.begin != end) fail_damaged(parts_folder(output) + ": the parts do not cover the planes once");
    end = part.end;
  }
  if (end != survey.done.front().command.meta.shape.z)
    fail_damaged(parts_folder(output) + ": the parts do not cover all planes");
}

}  // namespace

bool output_exists(const std::string& output) {
  std::error_code none;
  const std::string path = without_slashes(output);
  const fs::file_status status = fs::symlink_status(path, none);
  return fs::exists(status) && !(fs::is_directory(status) && fs::is_empty(path, none));
}

PartSurvey survey_parts(const std::string& output, int readers) {
  PartSurvey survey;
  const std::vector<PartRecord> records = read_records(output, survey);
  std::error_code none;
  const std::string folder = parts_folder(output);
  survey.finished = output_exists(output) && (!fs::exists(folder) || fs::is_empty(folder, none));
  if (records.empty()) return survey;
  const PartRecord& common = most_common(records);
  survey.parts = common.command.parts;
  const bool is_there = is_output_of(output, common.command);
  // A task that ran twice was too late, and began the parts of an output that is joined again.
  survey.finished = is_there && std::none_of(records.begin(), records.end(),
                                             [](const PartRecord& record) { return record.force; });
  if (survey.finished) return survey;
  // An earlier call was stopped when the output had its name already.
  const bool joined = is_there && !voxels_are_there(output, records);
  const std::vector<std::string> found = damages(records, common, output, joined ? 0 : readers);
  for (std::size_t i = 0; i < records.size(); ++i) sort_in(records[i], common, found[i], survey);
  for (std::int64_t part = 1; part <= survey.parts; ++part) {
    const auto is_part = [&](const PartRecord& record) {
      return record.part == part && record.command.parts == survey.parts;
    };
    if (std::none_of(records.begin(), records.end(), is_part)) survey.missing.push_back(part);
  }
  return survey;
}

void join_parts(const std::string& output, const PartSurvey& survey, bool force) {
  check_planes(output, survey);
  std::optional<Range> range;
  for (const PartRecord& record : survey.done) {
    if (!record.range) continue;
    range = range ? Range{std::min(range->low, record.range->low), std::max(range->high, record.range->high)}
                  : *record.range;
  }
  const PartRecord& first = survey.done.front();
  if (voxels_are_there(output, survey.done))
    shared_format(output).join(output, first.command.meta, first.command.layout, range, force || first.force);
  else if (!is_output_of(output, first.command))
    fail(parts_folder(output) + ": the voxels of the parts are gone; run the parts with --redo");
}

void remove_parts(const std::string& output) {
  std::error_code ignored;
  const std::vector<std::string> records = list_records(output);
  for (const fs::directory_entry& entry : fs::directory_iterator(parts_folder(output), ignored))
    if (std::find(records.begin(), records.end(), entry.path()) == records.end())
      fs::remove_all(entry.path(), ignored);
  // Records go last: whoever is killed here leaves some of them, or an empty folder.
  fs::remove_all(parts_folder(output), ignored);
}

bool is_output_of(const std::string& output, const PartCommand& command) {
  if (!output_exists(output)) return false;
  const std::int64_t made = look_at(output).modified;
  for (const PartInput& input : command.inputs)
    if (input.modified > made) return false;
  try {
    const std::unique_ptr<SlabSource> source = open_source(output, {});
    const History& history = source->meta().history;
    if (history.empty()) return false;
    const HistoryEntry& last = history.back();
    // Words that stand for defaults come before those of the command line.
    return last.tool == command.tool && last.version == command.version &&
           last.args.size() >= command.args.size() &&
           std::equal(command.args.rbegin(), command.args.rend(), last.args.rbegin());
  } catch (const Error&) {
    return false;
  }
}

std::string ranges_text(const std::vector<std::int64_t>& numbers) {
  std::string text;
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t last = i;
    while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
    text += (text.empty() ? "" : ",") + std::to_string(numbers[i]);
    if (last > i) text += "-" + std::to_string(numbers[last]);
    i = last + 1;
  }
  return text;
}

}  // namespace vox
