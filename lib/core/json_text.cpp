#include "core/json_text.h"

#include <cmath>

#include "core/numbers.h"
#include "core/utf8.h"

namespace vox {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

std::string escaped_code(unsigned char code) {
  return std::string("\\u00") + kHex[code >> 4] + kHex[code & 15];
}

/// U+0080 to U+009F, which terminals may obey.
bool is_late_control(std::string_view text) {
  return text.size() >= 2 && text[0] == '\xc2' && (static_cast<unsigned char>(text[1]) & 0xe0u) == 0x80u;
}

std::string escaped(char c) {
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
  return escaped_code(code);
}

}  // namespace

std::string json_text(std::string_view text) {
  std::string quoted = "\"";
  for_each_utf8(text, [&](std::string_view character) {
    if (character.size() == 1)
      quoted += escaped(character[0]);
    else if (is_late_control(character))
      quoted += escaped_code(static_cast<unsigned char>(character[1]));
    else
      quoted += character;
  });
  return quoted + "\"";
}

std::string escape_controls(std::string_view json) {
  std::string result;
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (is_late_control(json.substr(i)))
      result += escaped_code(static_cast<unsigned char>(json[++i]));
    else if (json[i] == '\x7f')
      result += escaped_code(0x7f);
    else
      result += json[i];
  }
  return result;
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
