#include "core/json_text.h"

#include <cmath>

#include "core/numbers.h"
#include "core/utf8.h"

namespace vox {
namespace {

std::string escaped(char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      break;
  }
  const auto code = static_cast<unsigned char>(c);
  if (code >= 0x20 && code != 0x7f) return {c};
  return std::string("\\u00") + kHex[code >> 4] + kHex[code & 15];
}

}  // namespace

std::string json_text(std::string_view text) {
  std::string quoted = "\"";
  for_each_utf8(text, [&](std::string_view character) {
    if (character.size() == 1)
      quoted += escaped(character[0]);
    else
      quoted += character;
  });
  return quoted + "\"";
}

std::string json_text(double value) { return std::isfinite(value) ? format_number(value) : "null"; }
std::string json_text(const JsonArray& array) { return array.text(); }
std::string json_text(const JsonObject& object) { return object.text(); }

JsonArray& JsonArray::add_json(std::string_view json) {
  if (!members_.empty()) members_ += ", ";
  members_ += json;
  return *this;
}

JsonObject& JsonObject::add_json(std::string_view key, std::string_view json) {
  if (!members_.empty()) members_ += ", ";
  members_ += json_text(key) + ": ";
  members_ += json;
  return *this;
}

}  // namespace vox
