#include "io/sidecar.h"

#include <sys/stat.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.h"
#include "core/json_text.h"
#include "core/path_text.h"
#include "core/units.h"
#include "io/bytes.h"

namespace vox {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kVersion = 1;
constexpr int kDeepest = 64;  // nesting; histories of masks of masks are far below
constexpr std::int64_t kLargestSidecar = 64 << 20;

// ---- writing

Json vector_json(const Vector3& vector) { return Json::array({vector[0], vector[1], vector[2]}); }

Json history_json(const History& history) {
  Json list = Json::array();
  for (const HistoryEntry& entry : history) {
    Json item = {{"tool", entry.tool}, {"version", entry.version}, {"args", entry.args}};
    for (const HistoryInput& input : entry.inputs)
      item["inputs"].push_back({{"path", input.path}, {"history", history_json(input.history)}});
    list.push_back(std::move(item));
  }
  return list;
}

/// Whole numbers without ".0" where that is exact.
Json number_json(double value) {
  if (value == std::floor(value) && std::abs(value) < 0x1p53) return static_cast<std::int64_t>(value);
  return value;
}

Json meta_json(const VolumeMeta& meta, bool stream) {
  Json json;
  json["voxpipe"] = kVersion;
  if (stream) json["stream"] = 1;
  json["shape"] = {meta.shape.z, meta.shape.y, meta.shape.x};
  json["dtype"] = dtype_name(meta.dtype);
  json["byte_order"] = "little";
  if (meta.spacing) json["spacing"] = vector_json(*meta.spacing);
  if (meta.unit) json["unit"] = *meta.unit;
  if (meta.origin) json["origin"] = vector_json(*meta.origin);
  if (meta.direction) json["direction"] = *meta.direction;
  json["kind"] = kind_name(meta.kind);
  if (meta.range) json["range"] = Json::array({number_json(meta.range->low), number_json(meta.range->high)});
  json["value_map"] = nullptr;  // said, since a step may have ended the way back
  if (meta.value_map)
    json["value_map"] = {{"slope", meta.value_map->slope}, {"intercept", meta.value_map->intercept}};
  for (const auto& [key, text] : meta.extra) json[key] = Json::parse(text);
  if (!meta.history.empty()) json["history"] = history_json(meta.history);
  return json;
}

std::string dumped(const Json& json, int indent) {
  // Text from the command line may not be UTF-8; a replacement character is better than no output at all.
  return escape_controls(json.dump(indent, ' ', false, Json::error_handler_t::replace));
}

// ---- reading

class Reader {
 public:
  Reader(const Json& json, std::string where) : json_(json), where_(std::move(where)) {}

  [[noreturn]] void bad(const std::string& key, const std::string& expected) const {
    fail_damaged(where_ + ": \"" + key + "\" must be " + expected);
  }

  const Json* find(const std::string& key) const {
    const auto found = json_.find(key);
    return found == json_.end() || found->is_null() ? nullptr : &*found;
  }

  template <std::size_t N>
  bool numbers(const std::string& key, std::array<double, N>& out) const {
    const Json* value = find(key);
    if (value == nullptr) return false;
    const std::string expected = std::to_string(N) + " finite numbers";
    if (!value->is_array() || value->size() != N) bad(key, expected);
    for (std::size_t i = 0; i < N; ++i) {
      if (!(*value)[i].is_number()) bad(key, expected);
      out[i] = (*value)[i].get<double>();
      if (!std::isfinite(out[i])) bad(key, expected);
    }
    return true;
  }

  bool text(const std::string& key, std::string& out) const {
    const Json* value = find(key);
    if (value == nullptr) return false;
    if (!value->is_string()) bad(key, "text");
    out = value->get<std::string>();
    return true;
  }

  bool shape(Extent3& out) const {
    const Json* value = find("shape");
    if (value == nullptr) return false;
    const char* expected = "3 positive whole numbers (Z, Y, X)";
    if (!value->is_array() || value->size() != 3) bad("shape", expected);
    for (const Json& size : *value)
      if (!size.is_number_integer() || size.get<double>() < 1 || size.get<double>() > 0x1p62)
        bad("shape", expected);
    out = {(*value)[0].get<std::int64_t>(), (*value)[1].get<std::int64_t>(), (*value)[2].get<std::int64_t>()};
    return true;
  }

 private:
  const Json& json_;
  std::string where_;
};

History read_history(const Json& list, const std::string& where) {
  const auto bad = [&] { fail_damaged(where + ": \"history\" must be a list of {tool, version, args}"); };
  if (!list.is_array()) bad();
  History history;
  for (const Json& item : list) {
    if (!item.is_object() || !item.contains("tool") || !item["tool"].is_string()) bad();
    HistoryEntry entry;
    entry.tool = item["tool"].get<std::string>();
    if (item.contains("version") && item["version"].is_string())
      entry.version = item["version"].get<std::string>();
    if (item.contains("args")) {
      if (!item["args"].is_array()) bad();
      for (const Json& argument : item["args"]) {
        if (!argument.is_string()) bad();
        entry.args.push_back(argument.get<std::string>());
      }
    }
    if (item.contains("inputs")) {
      if (!item["inputs"].is_array()) bad();
      for (const Json& input : item["inputs"]) {
        if (!input.is_object() || !input.contains("path") || !input["path"].is_string()) bad();
        entry.inputs.push_back(
            {input["path"].get<std::string>(), read_history(input.value("history", Json::array()), where)});
      }
    }
    history.push_back(std::move(entry));
  }
  return history;
}

Json parse_json(std::string_view text, const std::string& where) {
  bool too_deep = false;
  const auto limit_depth = [&](int depth, Json::parse_event_t, Json&) {
    if (depth > kDeepest) too_deep = true;
    return !too_deep;
  };
  Json json = Json::parse(text, limit_depth, false);
  if (too_deep || json.is_discarded() || !json.is_object())
    fail_damaged(where + ": is not a JSON object that voxpipe can read; it is damaged or cut short");
  return json;
}

void read_geometry(const Reader& reader, VolumeMeta& meta) {
  Vector3 vector{};
  if (reader.numbers("spacing", vector)) meta.spacing = vector;
  if (reader.numbers("origin", vector)) meta.origin = vector;
  std::array<double, 9> direction{};
  if (reader.numbers("direction", direction)) meta.direction = direction;
  std::string text;
  if (reader.text("unit", text) && !text.empty()) {
    const std::string long_name = unit_long_name(text);
    meta.unit = long_name.empty() ? text : long_name;
  }
}

void read_intensities(const Reader& reader, VolumeMeta& meta) {
  std::array<double, 2> pair{};
  if (reader.numbers("range", pair)) {
    if (pair[0] > pair[1]) reader.bad("range", "a minimum and a maximum");
    meta.range = Range{pair[0], pair[1]};
  }
  const Json* map = reader.find("value_map");
  if (map == nullptr) return;
  if (!map->is_object() || !map->contains("slope") || !map->contains("intercept") ||
      !(*map)["slope"].is_number() || !(*map)["intercept"].is_number())
    reader.bad("value_map", "{\"slope\": number, \"intercept\": number}");
  meta.value_map = ValueMap{(*map)["slope"].get<double>(), (*map)["intercept"].get<double>()};
}

}  // namespace

std::string sidecar_path(const std::string& data_path) { return without_slashes(data_path) + ".json"; }

std::string meta_to_sidecar(const VolumeMeta& meta) {
  // One key a line, values in one line: easy to read and to compare.
  std::string text;
  const Json json = meta_json(meta, false);
  for (const auto& [key, value] : json.items()) {
    text += text.empty() ? "{\n" : ",\n";
    text += "  " + dumped(Json(key), -1) + ": ";
    if (key != "history") {
      text += dumped(value, -1);
      continue;
    }
    std::string entries;
    for (const Json& entry : value) entries += (entries.empty() ? "\n    " : ",\n    ") + dumped(entry, -1);
    text += "[" + entries + "\n  ]";
  }
  return text + "\n}\n";
}

std::string meta_to_line(const VolumeMeta& meta) { return dumped(meta_json(meta, false), -1); }

std::string meta_to_stream_line(const VolumeMeta& meta) { return dumped(meta_json(meta, true), -1); }

SidecarFacts parse_sidecar(std::string_view text, const std::string& where) {
  const Json json = parse_json(text, where);
  const Reader reader(json, where);
  SidecarFacts facts;
  const Json* format_version = reader.find("voxpipe");
  if (format_version == nullptr || !format_version->is_number_integer() || *format_version < 1)
    reader.bad("voxpipe", "the format's version, 1");
  if (*format_version > kVersion)
    fail_damaged(where + ": was written by a newer voxpipe (format " + format_version->dump() +
                 "); update to read it");
  facts.is_stream = reader.find("stream") != nullptr;
  facts.has_shape = reader.shape(facts.meta.shape);
  std::string name;
  facts.has_dtype = reader.text("dtype", name);
  if (facts.has_dtype && !try_parse_dtype(name, facts.meta.dtype))
    reader.bad("dtype", "a NumPy name like uint16 or float32");
  if (reader.text("byte_order", name)) {
    if (name != "little" && name != "big") reader.bad("byte_order", "\"little\" or \"big\"");
    facts.big_endian = name == "big";
  }
  facts.has_kind = reader.text("kind", name);
  if (facts.has_kind && !try_parse_kind(name, facts.meta.kind))
    reader.bad("kind", "intensity, labels or mask");
  read_geometry(reader, facts.meta);
  read_intensities(reader, facts.meta);
  if (const Json* list = reader.find("history")) facts.meta.history = read_history(*list, where);
  static const std::set<std::string> kOurs = {"voxpipe", "stream",    "shape",  "dtype",     "byte_order",
                                              "spacing", "unit",      "origin", "direction", "kind",
                                              "range",   "value_map", "history"};
  for (const auto& [key, value] : json.items())
    if (!kOurs.contains(key)) facts.meta.extra[key] = dumped(value, -1);
  return facts;
}

std::optional<SidecarFacts> read_sidecar(const std::string& data_path) {
  const std::string path = sidecar_path(data_path);
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode)) return std::nullopt;
  if (facts.st_size > kLargestSidecar) fail_damaged(path + ": is too large for a sidecar");
  std::string text(static_cast<std::size_t>(facts.st_size), '\0');
  ByteSource file = ByteSource::open(path);
  text.resize(static_cast<std::size_t>(file.read(std::as_writable_bytes(std::span(text)))));
  return parse_sidecar(text, path);
}

void apply_sidecar(const std::string& data_path, VolumeMeta& meta) {
  std::optional<SidecarFacts> facts = read_sidecar(data_path);
  if (!facts) return;
  const auto disagree = [&](const std::string& what, const std::string& says, const std::string& is) {
    fail_damaged(sidecar_path(data_path) + ": says " + what + " " + says + ", but the file has " + is +
                 "; remove the sidecar if it belongs to an older file");
  };
  if (facts->has_shape && facts->meta.shape != meta.shape)
    disagree("shape", to_string(facts->meta.shape), to_string(meta.shape));
  if (facts->has_dtype && facts->meta.dtype != meta.dtype)
    disagree("dtype", std::string(dtype_name(facts->meta.dtype)), std::string(dtype_name(meta.dtype)));
  VolumeMeta merged = std::move(facts->meta);
  merged.shape = meta.shape;
  merged.dtype = meta.dtype;
  if (!facts->has_kind) merged.kind = meta.kind;
  if (!merged.spacing) merged.spacing = meta.spacing;
  if (!merged.unit) merged.unit = meta.unit;
  if (!merged.origin) merged.origin = meta.origin;
  if (!merged.direction) merged.direction = meta.direction;
  if (!merged.range) merged.range = meta.range;
  if (!merged.value_map) merged.value_map = meta.value_map;
  meta = std::move(merged);
}

void apply_embedded(std::string_view line, bool untouched, const std::string& where, VolumeMeta& meta) {
  SidecarFacts facts = parse_sidecar(line, where);
  if (untouched && facts.meta.shape == meta.shape && facts.meta.dtype == meta.dtype) {
    meta = std::move(facts.meta);
    return;
  }
  if (facts.has_kind) meta.kind = facts.meta.kind;
  if (!meta.unit) meta.unit = facts.meta.unit;
  if (facts.meta.dtype == meta.dtype) meta.value_map = facts.meta.value_map;
  meta.history = std::move(facts.meta.history);
  meta.extra = std::move(facts.meta.extra);
}

}  // namespace vox
