#include "io/part_record.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/error.h"
#include "core/history.h"
#include "core/json_text.h"
#include "io/checksum.h"
#include "io/json_view.h"
#include "io/output_file.h"
#include "io/sidecar.h"

namespace vox {
namespace {

namespace fs = std::filesystem;

constexpr int kFormat = 1;
constexpr std::int64_t kMostParts = 1'000'000;

std::string padded(std::int64_t number) {
  std::string text = std::to_string(number);
  return text.insert(0, 4 - std::min<std::size_t>(4, text.size()), '0');
}

std::string record_json(const PartRecord& record) {
  JsonArray pieces;
  for (const PartPiece& piece : record.pieces)
    pieces.add(JsonObject()
                   .add("file", piece.file)
                   .add("offset", piece.offset)
                   .add("bytes", piece.bytes)
                   .add("crc32c", piece.checksum));
  JsonObject tally;
  tally.add("clipped_low", record.tally.clipped_low).add("clipped_high", record.tally.clipped_high);
  tally.add("nan", record.tally.nan).add("rounded", record.tally.rounded);
  tally.add("saturated", record.tally.saturated);
  JsonObject object;
  object.add("voxpipe_part", kFormat).add("part", record.part);
  object.add("planes", std::array<std::int64_t, 2>{record.planes.begin, record.planes.end});
  object.add_json("command", command_json(record.command)).add("pieces", pieces);
  if (record.range) object.add("range", std::array<double, 2>{record.range->low, record.range->high});
  return object.add("counts", tally).add("force", record.force).text() + "\n";
}

/// Members of a record, which must be there.
class Members {
 public:
  Members(JsonView view, const std::string& path) : view_(view), path_(path) {}

  JsonView get(std::string_view key) const {
    const JsonView value = view_[key];
    if (!value) fail_damaged(path_ + ": is no record of a part: '" + std::string(key) + "' is missing");
    return value;
  }
  std::string text(std::string_view key) const { return or_fail(get(key).text(), key); }
  std::int64_t whole(std::string_view key) const { return or_fail(get(key).whole(), key); }
  Members below(std::string_view key) const { return {get(key), path_}; }
  /// Calls `use` with each element of an array.
  template <class Use>
  void each(std::string_view key, Use&& use) const {
    const JsonView list = get(key);
    for (std::size_t i = 0; i < list.size(); ++i) use(Members(list.at(i), path_));
  }
  JsonView view() const { return view_; }

 private:
  template <class T>
  T or_fail(const std::optional<T>& value, std::string_view key) const {
    if (!value) fail_damaged(path_ + ": is no record of a part: '" + std::string(key) + "' is wrong");
    return *value;
  }

  JsonView view_;
  std::string path_;
};

Tally parse_tally(const Members& counts) {
  Tally tally;
  tally.clipped_low = counts.whole("clipped_low");
  tally.clipped_high = counts.whole("clipped_high");
  tally.nan = counts.whole("nan");
  tally.rounded = counts.whole("rounded");
  tally.saturated = counts.whole("saturated");
  return tally;
}

PartRecord parse_record(const std::string& text, const std::string& path) {
  const JsonDocument document(text, path);
  const Members object(document.root(), path);
  PartRecord record;
  object.whole("voxpipe_part");
  record.part = object.whole("part");
  const JsonView planes = object.get("planes");
  record.planes = {planes.at(0).whole().value_or(0), planes.at(1).whole().value_or(0)};
  record.command = parse_command(object.get("command"), path);
  object.each("pieces", [&](const Members& piece) {
    record.pieces.push_back(
        {piece.text("file"), piece.whole("offset"), piece.whole("bytes"), piece.text("crc32c")});
  });
  if (const JsonView range = document.root()["range"])
    record.range = Range{range.at(0).number().value_or(0), range.at(1).number().value_or(0)};
  record.tally = parse_tally(object.below("counts"));
  record.force = document.root()["force"].boolean().value_or(false);
  return record;
}

std::string words_of(const PartCommand& command) {
  std::string words;
  for (const std::string& arg : command.args) words += (words.empty() ? "" : " ") + shell_quote(arg);
  return words;
}

std::string changed(const std::string& what, const std::string& before, const std::string& now) {
  return what + " (" + before + ", now " + now + ")";
}

bool same_inputs(const std::vector<PartInput>& a, const std::vector<PartInput>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const PartInput& one, const PartInput& other) {
    return one.path == other.path && one.bytes == other.bytes && one.modified == other.modified;
  });
}

/// Reads pieces again, for their CRC-32C.
class PieceReader {
 public:
  explicit PieceReader(const std::string& output) : folder_(parts_folder(output)), buffer_(kLines) {}

  /// None when the piece is cut short or not there.
  std::optional<std::string> checksum(const PartPiece& piece) {
    std::ifstream file(folder_ + "/" + piece.file, std::ios::binary);
    if (!file.seekg(piece.offset)) return std::nullopt;
    const std::span<std::byte> bytes = std::as_writable_bytes(std::span(buffer_));
    Crc32c checksum;
    for (std::int64_t left = piece.bytes; left > 0;) {
      const auto count = std::min(left, static_cast<std::int64_t>(bytes.size()));
      if (!file.read(reinterpret_cast<char*>(bytes.data()), count)) return std::nullopt;
      checksum.add(bytes.first(static_cast<std::size_t>(count)));
      left -= count;
    }
    return checksum.hex();
  }
  std::string path(const PartPiece& piece) const { return folder_ + "/" + piece.file; }

 private:
  /// The kernel copies a page to an address a little behind its own, modulo 4096, at a third of the speed,
  /// and that is where large allocations begin: 16 bytes into a page.
  struct alignas(64) Line {
    std::byte bytes[64];
  };
  static constexpr std::size_t kLines = (std::size_t{128} << 10) / sizeof(Line);  // the second-level cache

  std::string folder_;
  std::vector<Line> buffer_;
};

}  // namespace

std::string command_json(const PartCommand& command) {
  JsonArray inputs;
  for (const PartInput& input : command.inputs)
    inputs.add(
        JsonObject().add("path", input.path).add("bytes", input.bytes).add("modified", input.modified));
  JsonObject object;
  object.add("tool", command.tool).add("version", command.version).add("args", command.args);
  object.add("compression", command.compression).add("parts", command.parts).add("inputs", inputs);
  return object.add("layout", command.layout).add_json("meta", meta_to_line(command.meta)).text();
}

PartCommand parse_command(const JsonView& json, const std::string& where) {
  const Members object(json, where);
  PartCommand command;
  command.tool = object.text("tool");
  command.version = object.text("version");
  object.each("args", [&](const Members& arg) { command.args.push_back(arg.view().text().value_or("")); });
  command.compression = object.text("compression");
  command.parts = object.whole("parts");
  if (command.parts < 1 || command.parts > kMostParts) fail_damaged(where + ": is no record of a part");
  object.each("inputs", [&](const Members& input) {
    command.inputs.push_back({input.text("path"), input.whole("bytes"), input.whole("modified")});
  });
  command.layout = object.text("layout");
  command.meta = parse_sidecar(object.get("meta").dump(), where).meta;
  return command;
}

std::string compression_text(const std::optional<Compression>& compression) {
  if (!compression) return {};
  return compression->codec + (compression->level ? ":" + std::to_string(*compression->level) : "");
}

std::string part_name(std::int64_t part, std::int64_t parts) {
  return "part-" + padded(part) + "-of-" + padded(parts);
}

std::string record_path(const std::string& output, std::int64_t part, std::int64_t parts) {
  return parts_folder(output) + "/" + part_name(part, parts) + ".json";
}

std::vector<std::string> list_records(const std::string& output) {
  std::vector<std::string> paths;
  std::error_code none;
  for (const fs::directory_entry& entry : fs::directory_iterator(parts_folder(output), none)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("part-") && name.ends_with(".json")) paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

void write_record(const std::string& path, const PartRecord& record) {
  write_text_file(path, record_json(record));
}

std::optional<PartRecord> read_record(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::stringstream text;
  text << file.rdbuf();
  return parse_record(text.str(), path);
}

std::optional<PartRecord> read_sound_record(const std::string& path) {
  try {
    return read_record(path);
  } catch (const Error&) {
    return std::nullopt;
  }
}

PartInput look_at(const std::string& path) {
  std::error_code unknown;
  const fs::path absolute = fs::weakly_canonical(path, unknown);
  PartInput input{unknown ? path : absolute.string()};
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) return input;
  input.bytes = S_ISREG(facts.st_mode) ? facts.st_size : 0;
  input.modified = facts.st_mtim.tv_sec * std::int64_t{1'000'000'000} + facts.st_mtim.tv_nsec;
  return input;
}

std::string difference(const PartCommand& before, const PartCommand& now) {
  if (before.tool != now.tool) return changed("the tool", before.tool, now.tool);
  if (before.version != now.version) return changed("the version", before.version, now.version);
  if (before.args != now.args) return changed("the arguments", words_of(before), words_of(now));
  if (before.parts != now.parts)
    return changed("the number of parts", std::to_string(before.parts), std::to_string(now.parts));
  if (before.compression != now.compression)
    return changed("--compression", before.compression.empty() ? "none given" : before.compression,
                   now.compression.empty() ? "none given" : now.compression);
  if (now.layout.empty()) return {};
  if (!same_inputs(before.inputs, now.inputs)) return "the input, which has changed since";
  if (before.layout != now.layout) return "the chunks, which depend on --memory";
  // As a record holds it: what was read back is compared with what would be.
  const VolumeMeta recorded = parse_sidecar(meta_to_line(now.meta), "the volume's metadata").meta;
  return before.meta == now.meta || meta_to_line(before.meta) == meta_to_line(recorded)
             ? ""
             : "the volume's metadata";
}

std::string changed_input(const PartCommand& command) {
  for (const PartInput& input : command.inputs) {
    const PartInput now = look_at(input.path);
    if (now.modified != 0 && !same_inputs({input}, {now})) return input.path;
  }
  return {};
}

void add_checksums(const std::string& output, std::vector<PartPiece>& pieces) {
  PieceReader reader(output);
  for (PartPiece& piece : pieces) {
    if (!piece.checksum.empty()) continue;
    const std::optional<std::string> checksum = reader.checksum(piece);
    if (!checksum) fail(reader.path(piece) + ": cannot be read back");
    piece.checksum = *checksum;
  }
}

std::string damage(const std::string& output, const std::vector<PartPiece>& pieces) {
  PieceReader reader(output);
  for (const PartPiece& piece : pieces) {
    const std::optional<std::string> checksum = reader.checksum(piece);
    if (!checksum) return piece.file + ": is gone or cut short";
    if (*checksum != piece.checksum) return piece.file + ": has other bytes than were written";
  }
  return {};
}

}  // namespace vox
