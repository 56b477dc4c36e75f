#include "io/xml_reader.h"

#include <gtest/gtest.h>

#include "core/error.h"

namespace vox {
namespace {

/// The events in a line: "+name -name 'text'".
std::string events(const std::string& xml) {
  XmlReader reader(xml, "a.tif: its XML");
  std::string line;
  for (XmlEvent event = reader.next(); event != XmlEvent::finish; event = reader.next()) {
    if (!line.empty()) line += ' ';
    if (event == XmlEvent::start) line += "+" + std::string(reader.name());
    if (event == XmlEvent::end) line += "-" + std::string(reader.name());
    if (event == XmlEvent::text) line += "'" + reader.text() + "'";
  }
  return line;
}

std::string error_of(const std::string& xml) {
  try {
    return events(xml);
  } catch (const Error& error) {
    EXPECT_EQ(static_cast<int>(ErrorKind::damaged), static_cast<int>(error.kind()));
    return error.what();
  }
}

TEST(XmlReader, GivesElementsAndTextInOrder) {
  EXPECT_EQ("+a 'x' +b -b 'y' -a", events("<a>x<b/>y</a>"));
  EXPECT_EQ("+a +b 'z' -b -a",
            events("\xef\xbb\xbf<?xml version='1.0'?>\n<!-- <no> --><p:a ><b>z</b></p:a >\n"));
  EXPECT_EQ("+a '<&' '>' -a", events("<a><![CDATA[<&]]>&gt;</a>"));
}

TEST(XmlReader, AttributesAndEntities) {
  const std::string xml = "<a one='1' two = \"&lt;&amp;&#181;&#xb5;&quot;'\" xml:three='3'/>";
  XmlReader reader(xml, "x");
  ASSERT_EQ(XmlEvent::start, reader.next());
  EXPECT_EQ("1", reader.attribute("one"));
  EXPECT_EQ("<&\xc2\xb5\xc2\xb5\"'", reader.attribute("two"));
  EXPECT_FALSE(reader.attribute("three"));
  EXPECT_EQ("+a '\xe2\x82\xac\xf0\x9f\x98\x80' -a", events("<a>&#x20AC;&#128512;</a>"));
}

TEST(XmlReader, RefusesWhatIsNotWellFormed) {
  for (const char* xml : {"",
                          "text",
                          "<a>",
                          "<a",
                          "<a></b>",
                          "</a>",
                          "<a/><b/>",
                          "<a/>x",
                          "<a b/>",
                          "<a b=1/>",
                          "<a b='1/>",
                          "<a b='<'/>",
                          "<a>&none;</a>",
                          "<a>&#0;</a>",
                          "<a>&#xd800;</a>",
                          "<a>&#x110000;</a>",
                          "<a>&#99999999999;</a>",
                          "<a>&</a>",
                          "<a>\x01</a>",
                          "<!DOCTYPE a><a/>",
                          "<a><!-- </a>",
                          "<a><![CDATA[</a>",
                          "<a><?x </a>",
                          "< a/>",
                          "<a>&#;</a>",
                          "<a>&#x;</a>",
                          "<a>&#-5;</a>"})
    EXPECT_EQ(0u, error_of(xml).find("a.tif: its XML: byte ")) << xml << " gave " << error_of(xml);
  EXPECT_EQ("a.tif: its XML: byte 3: unknown entity \"a\\nb\"; the file is damaged or cut short",
            error_of("<a>&a\nb;</a>"));
}

TEST(XmlReader, BoundsDepthAndWidth) {
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "<a>";
  EXPECT_NE(std::string::npos, error_of(deep).find("nested too deeply"));
  std::string wide = "<a";
  for (int i = 0; i < 1000; ++i) wide += " b='1'";
  EXPECT_NE(std::string::npos, error_of(wide + "/>").find("too many attributes"));
}

TEST(XmlReader, EveryShorterTextIsAnError) {
  const std::string xml = "<?xml version='1.0'?><a b='c'>d<!-- e --><f/>&amp;</a>";
  for (std::size_t size = 0; size < xml.size(); ++size)
    EXPECT_NE(std::string::npos, error_of(xml.substr(0, size)).find("cut short")) << size;
}

}  // namespace
}  // namespace vox
