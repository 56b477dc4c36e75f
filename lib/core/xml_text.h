// XML as text that is written.
#pragma once

#include <string>
#include <string_view>

namespace vox {

/// Text that stands for itself between tags and in attributes; control characters, which XML cannot hold,
/// become '?', bytes that are not UTF-8 U+FFFD.
std::string xml_escaped(std::string_view text);

}  // namespace vox
