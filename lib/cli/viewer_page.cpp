#include "cli/viewer_page.h"

#include "core/xml_text.h"

namespace vox {
namespace {

/// The same JSON with no "<", which could end the element that it stands in.
std::string without_tags(const std::string& json) {
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

}  // namespace

std::string viewer_page(const std::string& title, const std::string& data) {
  constexpr std::string_view kTitle = "@TITLE@", kData = "@DATA@";
  const std::size_t title_at = kViewerPage.find(kTitle), data_at = kViewerPage.find(kData);
  std::string page(kViewerPage.substr(0, title_at));
  page += xml_escaped(title);
  page += kViewerPage.substr(title_at + kTitle.size(), data_at - title_at - kTitle.size());
  page += without_tags(data);
  return page.append(kViewerPage.substr(data_at + kData.size()));
}

}  // namespace vox
