#include "core/json_text.h"

#include <cmath>

#include "core/numbers.h"

namespace vox {
namespace {

/// Bytes of the UTF-8 character that `text` begins with; 0 when it begins with none (RFC 3629: no overlong
/// forms, no surrogates, nothing above U+10FFFF).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto continues = [&](std::size_t i) { return (byte(i) & 0xc0u) == 0x80u; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf && continues(1)) return 2;
  if (first >= 0xe0 && first <= 0xef && continues(1) && continues(2)) {
    const bool overlong = first == 0xe0 && byte(1) < 0xa0;
    const bool surrogate = first == 0xed && byte(1) >= 0xa0;
    return overlong || surrogate ? 0 : 3;
  }
  if (first >= 0xf0 && first <= 0xf4 && continues(1) && continues(2) && continues(3)) {
    const bool overlong = first == 0xf0 && byte(1) < 0x90;
    const bool too_large = first == 0xf4 && byte(1) >= 0x90;
    return overlong || too_large ? 0 : 4;
  }
  return 0;
}

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
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0)
      quoted += "\xef\xbf\xbd";
    else if (length == 1)
      quoted += escaped(text[0]);
    else if (is_late_control(text))
      quoted += escaped_code(static_cast<unsigned char>(text[1]));
    else
      quoted += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
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
