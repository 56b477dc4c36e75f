// What a part leaves beside its voxels when it is complete.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/tally.h"
#include "io/json_view.h"
#include "io/part_sink.h"

namespace vox {

/// A volume that a part read, as it was then.
struct PartInput {
  std::string path;  ///< absolute
  std::int64_t bytes = 0;
  std::int64_t modified = 0;  ///< nanoseconds since 1970; 0: not a file or folder
};

/// What is asked for. Parts fit together only when all of it is the same.
struct PartCommand {
  std::string tool;
  std::string version;
  std::vector<std::string> args;  ///< those that change voxels
  std::string compression;        ///< as the user wrote it
  std::int64_t parts = 1;
  std::vector<PartInput> inputs = {};
  std::string layout = {};
  VolumeMeta meta = {};  ///< of the whole output
};

struct PartRecord {
  PartCommand command;
  std::int64_t part = 1;  ///< from 1 on
  Interval planes;
  std::vector<PartPiece> pieces = {};
  std::optional<Range> range = {};  ///< see PartSink
  Tally tally = {};
  bool force = false;  ///< the output may replace another
};

/// As a user writes it; empty when nothing is asked for.
std::string compression_text(const std::optional<Compression>& compression);

/// "part-0002-of-0008".
std::string part_name(std::int64_t part, std::int64_t parts);
/// The file of a record: ".../part-0002-of-0008.json".
std::string record_path(const std::string& output, std::int64_t part, std::int64_t parts);
/// All records that lie there, by name.
std::vector<std::string> list_records(const std::string& output);

/// Writes it by a temporary name, so that nobody sees half of it.
void write_record(const std::string& path, const PartRecord& record);
/// None when there is no such file. Throws a damaged-input error for anything that is no record.
std::optional<PartRecord> read_record(const std::string& path);
/// The same; none for anything that is no record.
std::optional<PartRecord> read_sound_record(const std::string& path);

/// A command as JSON, and back. `where` names the file in messages of damage.
std::string command_json(const PartCommand& command);
PartCommand parse_command(const JsonView& json, const std::string& where);

/// A volume as it is now.
PartInput look_at(const std::string& path);
/// What differs, in words such as "the arguments (-p 1,99 in.raw out.raw, now -p 2,98 in.raw out.raw)"; empty
/// when nothing does. Layout, inputs and meta count only where both are known.
std::string difference(const PartCommand& before, const PartCommand& now);
/// The first input that has changed since; empty when none has. Those that are gone do not count.
std::string changed_input(const PartCommand& command);

/// Fills in the checksums that are not known by reading what was written.
void add_checksums(const std::string& output, std::vector<PartPiece>& pieces);
/// Says what is wrong with the bytes of a part; empty when they are what they were.
std::string damage(const std::string& output, const std::vector<PartPiece>& pieces);

}  // namespace vox
