#include "core/numbers.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/exact_number.h"

namespace vox {
namespace {

TEST(Numbers, ParseTheWholeTextOrNothing) {
  double number = 0;
  EXPECT_TRUE(try_parse("-.5", number));
  EXPECT_EQ(-0.5, number);
  EXPECT_TRUE(try_parse("-inf", number));
  EXPECT_TRUE(std::isinf(number));
  for (const char* text : {"", "1,5", "1 ", " 1", "1x", "0x10", "+-1"})
    EXPECT_FALSE(try_parse(text, number)) << text;
  std::int64_t whole = 0;
  EXPECT_TRUE(try_parse("-9223372036854775808", whole));
  EXPECT_EQ(std::numeric_limits<std::int64_t>::min(), whole);
  for (const char* text : {"", "9223372036854775808", "1.0", "1e3"})
    EXPECT_FALSE(try_parse(text, whole)) << text;
}

TEST(Numbers, EveryDoubleSurvivesItsText) {
  for (const double value :
       {0.0, 1.0 / 3, 5e-324, 1.7976931348623157e308, 0.1, -2.5e-7, 9007199254740993.0}) {
    double back = 0;
    ASSERT_TRUE(try_parse(format_number(value), back)) << format_number(value);
    EXPECT_EQ(value, back);
  }
  EXPECT_EQ("3", format_number(3));
  EXPECT_EQ("0.1", format_number(0.1));
}

TEST(Numbers, ExactOnesKeepEveryDigitOf64Bits) {
  for (const char* text :
       {"18446744073709551615", "-9223372036854775808", "9007199254740993", "0.1", "-inf"}) {
    long double value = 0;
    ASSERT_TRUE(try_parse_exact(text, value)) << text;
    EXPECT_EQ(text, format_exact(value));
  }
  EXPECT_EQ((std::array<long double, 2>{-1, 9007199254740993.0L}), parse_exact_pair("-1,9007199254740993"));
  for (const char* text : {"1", "1,2,3", "a,1", "nan,1", ""})
    EXPECT_THROW(parse_exact_pair(text), Error) << text;
}

TEST(Numbers, ForPeople) {
  EXPECT_EQ("0.333", format_rounded(1.0 / 3, 3));
  EXPECT_EQ("1,024", format_count(1024));
  EXPECT_EQ("999", format_count(999));
  EXPECT_EQ("-1,234,567", format_count(-1234567));
  EXPECT_EQ("256.0 MiB", format_bytes(std::int64_t{256} << 20));
}

TEST(Numbers, SizesArePowersOf1024) {
  EXPECT_EQ(4096, parse_size("4096"));
  EXPECT_EQ(std::int64_t{64} << 20, parse_size("64M"));
  EXPECT_EQ(std::int64_t{2} << 30, parse_size("2GiB"));
  EXPECT_EQ(std::int64_t{3} << 29, parse_size("1.5G"));
  for (const char* text : {"", "M", "-1M", "0", "1e30T", "nan", "64X", "9999999999T"})
    EXPECT_THROW(parse_size(text), Error) << text;
}

TEST(Numbers, SplitKeepsEmptyParts) {
  EXPECT_EQ((std::vector<std::string>{"a", "", "b"}), split("a,,b", ','));
  EXPECT_EQ((std::vector<std::string>{""}), split("", ','));
  EXPECT_EQ("a b", trimmed("  a b\t\n"));
}

}  // namespace
}  // namespace vox
