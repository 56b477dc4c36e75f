// Text in UTF-8, character by character; names of files may hold any bytes.
#pragma once

#include <cstddef>
#include <string_view>

namespace vox {

/// Bytes of the UTF-8 character that `text` begins with; 0 when it begins with none (RFC 3629: no overlong
/// forms, no surrogates, nothing above U+10FFFF).
std::size_t utf8_length(std::string_view text);

/// Calls `use(character)` for each character; a byte that belongs to none becomes U+FFFD.
template <class Use>
void for_each_utf8(std::string_view text, Use&& use) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    use(length == 0 ? std::string_view("\xef\xbf\xbd") : text.substr(0, length));
    text.remove_prefix(length == 0 ? 1 : length);
  }
}

}  // namespace vox
