// The page of `vview html`, put together from share/viewer when voxpipe is built.
#pragma once

#include <string>
#include <string_view>

namespace vox {

/// With @TITLE@ and @DATA@ where those go.
extern const std::string_view kViewerPage;

/// The page with a title and the data, JSON that the page's scripts read.
std::string viewer_page(const std::string& title, const std::string& data);

}  // namespace vox
