#include "io/part_pass.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "core/error.h"
#include "core/json_text.h"
#include "io/checksum.h"
#include "io/output_file.h"

namespace vox {
namespace {

namespace fs = std::filesystem;

constexpr int kFormat = 2;
constexpr std::int64_t kMostParts = 1'000'000;

/// Of the header's line and what follows the checksum's.
std::string checksum_of(const std::string& header, const std::vector<std::byte>& state) {
  Crc32c checksum;
  checksum.add(std::as_bytes(std::span(header)));
  checksum.add(state);
  return checksum.hex();
}

std::string header_of(const PartPass& pass) {
  JsonObject header;
  header.add("voxpipe_pass", kFormat).add("round", pass.round).add("part", pass.part);
  header.add_json("command", command_json(pass.command));
  header.add("bytes", static_cast<std::int64_t>(pass.state.size()));
  return header.text();
}

/// Throws a damaged-input error for anything else.
PartPass parse_pass(std::ifstream& file, const std::string& path) {
  std::string line;
  std::getline(file, line);
  std::string checksum;
  std::getline(file, checksum);
  const JsonDocument header(line, path);
  const JsonView root = header.root();
  PartPass pass{parse_command(root["command"], path), root["round"].whole().value_or(0),
                root["part"].whole().value_or(0)};
  const std::streamoff begin = file.tellg();
  file.seekg(0, std::ios::end);
  pass.state.resize(static_cast<std::size_t>(file.tellg() - begin));
  file.seekg(begin);
  file.read(reinterpret_cast<char*>(pass.state.data()), static_cast<std::streamsize>(pass.state.size()));
  if (checksum_of(line, pass.state) != checksum) fail_damaged(path + ": has other bytes than were written");
  return pass;
}

}  // namespace

std::string pass_path(const std::string& output, std::int64_t round, std::int64_t part, std::int64_t parts) {
  return parts_folder(output) + "/pass-" + std::to_string(round) + "-" + part_name(part, parts) + ".state";
}

std::vector<std::string> list_passes(const std::string& output) {
  std::vector<std::string> paths;
  std::error_code none;
  for (const fs::directory_entry& entry : fs::directory_iterator(parts_folder(output), none)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("pass-") && name.ends_with(".state")) paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::vector<PassSurvey> survey_passes(const std::string& output) {
  // By the number of parts, then by round: which parts.
  std::map<std::int64_t, std::map<std::int64_t, std::set<std::int64_t>>> known;
  std::map<std::int64_t, std::size_t> states;
  for (const std::string& path : list_passes(output))
    if (const auto kept = read_sound_pass(path); kept && kept->command.parts <= kMostParts) {
      known[kept->command.parts][kept->round].insert(kept->part);
      ++states[kept->command.parts];
    }
  std::vector<PassSurvey> passes;
  if (known.empty()) return passes;
  const std::int64_t parts = std::max_element(states.begin(), states.end(), [](const auto& a, const auto& b) {
                               return a.second < b.second;
                             })->first;
  for (const auto& [round, done] : known[parts]) {
    PassSurvey& pass = passes.emplace_back(PassSurvey{round});
    for (std::int64_t part = 1; part <= parts; ++part)
      (done.contains(part) ? pass.done : pass.missing).push_back(part);
  }
  return passes;
}

void write_pass(const std::string& output, const PartPass& pass) {
  make_shared_folder(parts_folder(output));
  std::string header = header_of(pass);
  header += "\n" + checksum_of(header, pass.state) + "\n";
  OutputFile file(pass_path(output, pass.round, pass.part, pass.command.parts), true);
  file.bytes().write(std::as_bytes(std::span(header)));
  file.bytes().write(pass.state);
  file.commit();
}

std::optional<PartPass> read_sound_pass(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  try {
    return parse_pass(file, path);
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::optional<PartCommand> read_pass_command(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  try {
    const JsonDocument header(line, path);
    return parse_command(header.root()["command"], path);
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace vox
