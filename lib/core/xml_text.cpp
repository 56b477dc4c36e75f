#include "core/xml_text.h"

#include "core/utf8.h"

namespace vox {
namespace {

std::string_view escaped(std::string_view character) {
  const char c = character[0];
  if (c == '&') return "&amp;";
  if (c == '<') return "&lt;";
  if (c == '>') return "&gt;";
  if (c == '"') return "&quot;";
  if (static_cast<unsigned char>(c) < 32 || c == 127) return "?";
  return character;
}

}  // namespace

std::string xml_escaped(std::string_view text) {
  std::string result;
  for_each_utf8(text, [&](std::string_view character) { result += escaped(character); });
  return result;
}

}  // namespace vox
