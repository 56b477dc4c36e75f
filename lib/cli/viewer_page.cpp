#include "cli/viewer_page.h"

#include "core/xml_text.h"

namespace vox {
namespace {

constexpr std::string_view kTitle = "@TITLE@";
constexpr std::string_view kData = "@DATA@";

}  // namespace

std::string viewer_page_start(const std::string& title) {
  const std::size_t title_at = kViewerPage.find(kTitle);
  const std::size_t behind = title_at + kTitle.size();
  std::string start(kViewerPage.substr(0, title_at));
  start += xml_escaped(title);
  return start.append(kViewerPage.substr(behind, kViewerPage.find(kData) - behind));
}

std::string_view viewer_page_end() { return kViewerPage.substr(kViewerPage.find(kData) + kData.size()); }

std::string without_tags(std::string_view json) {
  std::string text;
  text.reserve(json.size());
  for (const char c : json) {
    if (c == '<')
      text += "\\u003c";
    else
      text += c;
  }
  return text;
}

}  // namespace vox
