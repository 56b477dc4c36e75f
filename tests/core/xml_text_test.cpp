#include "core/xml_text.h"

#include <gtest/gtest.h>

namespace vox {
namespace {

TEST(XmlText, EscapesWhatXmlCannotHold) {
  EXPECT_EQ("a &lt;b&gt; &amp; &quot;c&quot;", xml_escaped("a <b> & \"c\""));
  EXPECT_EQ("???", xml_escaped(std::string_view("\x00\x1b\x7f", 3)));
  EXPECT_EQ("\u00b5m", xml_escaped("\u00b5m"));
  EXPECT_EQ("\xef\xbf\xbdm", xml_escaped("\xb5m"));
}

}  // namespace
}  // namespace vox
