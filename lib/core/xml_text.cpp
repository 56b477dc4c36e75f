#include "core/xml_text.h"

namespace vox {

std::string xml_escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '&')
      result += "&amp;";
    else if (c == '<')
      result += "&lt;";
    else if (c == '>')
      result += "&gt;";
    else if (c == '"')
      result += "&quot;";
    else if (static_cast<unsigned char>(c) < 32 || c == 127)
      result += '?';
    else
      result += c;
  }
  return result;
}

}  // namespace vox
