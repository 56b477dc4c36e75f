#include "core/json_text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>

namespace vox {
namespace {

TEST(JsonText, EscapesWhatJsonCannotHold) {
  EXPECT_EQ(json_text("plain"), "\"plain\"");
  EXPECT_EQ(json_text("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(json_text("line\nnext\ttab\r"), R"("line\nnext\ttab\r")");
  EXPECT_EQ(json_text(std::string_view("\x00\x1b\x7f", 3)), R"("\u0000\u001b\u007f")");
  EXPECT_EQ(json_text(""), "\"\"");
  EXPECT_EQ(json_text("\u009b \u00a0 \u0080"), "\"\\u009b \u00a0 \\u0080\"");
}

TEST(JsonText, ControlsThatJsonAllowsCanBeEscapedAfterwards) {
  EXPECT_EQ(escape_controls("{\"\u009b\": \"\x7f\u00b5\u65e5\"}"), "{\"\\u009b\": \"\\u007f\u00b5\u65e5\"}");
  EXPECT_EQ(escape_controls("\xc2"), "\xc2");
}

TEST(JsonText, KeepsUtf8) {
  EXPECT_EQ(json_text("\u00b5m \u65e5 \U0001f9a0"), "\"\u00b5m \u65e5 \U0001f9a0\"");
}

TEST(JsonText, ReplacesWhatIsNotUtf8) {
  const std::string bad = "\"\xef\xbf\xbd";
  EXPECT_EQ(json_text("\xff"), bad + "\"");
  EXPECT_EQ(json_text("\xb5m"), bad + "m\"");                   // Latin-1
  EXPECT_EQ(json_text("\xc2"), bad + "\"");                     // cut short
  EXPECT_EQ(json_text("\xc0\xaf").size(), 2u + 2 * 3);          // overlong
  EXPECT_EQ(json_text("\xed\xa0\x80").size(), 2u + 3 * 3);      // surrogate
  EXPECT_EQ(json_text("\xf4\x90\x80\x80").size(), 2u + 4 * 3);  // beyond Unicode
}

TEST(JsonText, NumbersSurviveTheRoundTrip) {
  EXPECT_EQ(json_text(3.0), "3");
  EXPECT_EQ(json_text(0.1), "0.1");
  EXPECT_EQ(json_text(0.1f), "0.10000000149011612");
  EXPECT_EQ(json_text(-7), "-7");
  EXPECT_EQ(json_text(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(json_text(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
}

TEST(JsonText, WhatIsNoNumberIsNull) {
  EXPECT_EQ(json_text(std::nan("")), "null");
  EXPECT_EQ(json_text(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(json_text(std::optional<double>()), "null");
  EXPECT_EQ(json_text(std::optional<int>(4)), "4");
}

TEST(JsonText, ObjectsKeepTheirOrder) {
  JsonObject inner;
  inner.add("z", 1).add("a", true);
  JsonObject object;
  object.add("name", "scan \"1\"").add("shape", std::array<int, 3>{4, 5, 6}).add("inner", inner);
  object.add("words", std::vector<std::string>{"x", "y"}).add_json("raw", "[null]");
  EXPECT_EQ(
      object.text(),
      R"({"name": "scan \"1\"", "shape": [4, 5, 6], "inner": {"z": 1, "a": true}, "words": ["x", "y"], )"
      R"("raw": [null]})");
}

TEST(JsonText, EmptyThings) {
  EXPECT_EQ(JsonObject().text(), "{}");
  EXPECT_EQ(json_text(std::vector<double>()), "[]");
}

}  // namespace
}  // namespace vox
