// The page of `vview html`, put together from share/viewer when voxpipe is built.
#pragma once

#include <string>
#include <string_view>

namespace vox {

/// With @TITLE@ and @DATA@ where those go.
extern const std::string_view kViewerPage;

// The page in three parts: its start with a title, the data, its end. The data are JSON that the page's
// scripts read, without tags.
std::string viewer_page_start(const std::string& title);
std::string_view viewer_page_end();
/// The same JSON with no "<", which could end the element that it stands in.
std::string without_tags(std::string_view json);

}  // namespace vox
