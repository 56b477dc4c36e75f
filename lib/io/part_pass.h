// What a part found in a first pass, kept for the other parts.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "io/part_record.h"

namespace vox {

/// Lies beside the records of parts, as one line of JSON and the state's bytes behind it.
struct PartPass {
  PartCommand command;     ///< `meta`: of the volume that was looked at
  std::int64_t round = 1;  ///< passes of one command are numbered from 1 on
  std::int64_t part = 1;
  std::vector<std::byte> state = {};  ///< of a reducer (`KeptState`)
};

/// Its file: ".../pass-1-part-0002-of-0008.state".
std::string pass_path(const std::string& output, std::int64_t round, std::int64_t part, std::int64_t parts);
/// All that lie there, by name.
std::vector<std::string> list_passes(const std::string& output);

/// Which parts have done a first pass.
struct PassSurvey {
  std::int64_t round = 1;
  std::vector<std::int64_t> done = {};
  std::vector<std::int64_t> missing = {};  ///< or damaged
};
/// Of all passes that some part has done, in order; of those for another number of parts than most nothing.
std::vector<PassSurvey> survey_passes(const std::string& output);

/// Writes it by a temporary name, so that nobody sees half of it, and waits until it is on disk.
void write_pass(const std::string& output, const PartPass& pass);
/// None when there is no such file, or its bytes are not those that were written.
std::optional<PartPass> read_sound_pass(const std::string& path);
/// The same without a look at the state's bytes.
std::optional<PartCommand> read_pass_command(const std::string& path);

}  // namespace vox
