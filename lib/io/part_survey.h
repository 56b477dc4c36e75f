// Which parts of an output are there, and how they become one.
#pragma once

#include <string>
#include <vector>

#include "io/part_record.h"

namespace vox {

struct PartSurvey {
  std::int64_t parts = 0;        ///< 0: no part of it is there
  std::vector<PartRecord> done;  ///< in order
  std::vector<std::int64_t> missing = {};
  std::vector<std::int64_t> stale = {};    ///< of another command, or of an input that has changed since
  std::vector<std::int64_t> damaged = {};  ///< other bytes than were written
  std::vector<std::string> reasons = {};   ///< of those that are stale or damaged, a line each
  bool finished = false;  ///< the output is there, and no part that anything would be made of

  bool complete() const { return parts > 0 && missing.empty() && stale.empty() && damaged.empty(); }
};

/// Looks at all records. Where commands differ, that of most records counts. `readers`: so many threads read
/// all voxels and compare checksums; 0: nobody does.
PartSurvey survey_parts(const std::string& output, int readers);

/// Makes the output of its parts; `remove_parts` is what is left to do. REQUIRES: the survey is complete.
/// Safe to be killed and called again.
void join_parts(const std::string& output, const PartSurvey& survey, bool force);
/// What is left of the parts of an output that is finished.
void remove_parts(const std::string& output);

/// True when `output` exists, its history ends with this command, and no input is newer.
bool is_output_of(const std::string& output, const PartCommand& command);
/// There is something under that name: no empty folder.
bool output_exists(const std::string& output);

/// "1-3,7".
std::string ranges_text(const std::vector<std::int64_t>& numbers);

}  // namespace vox
