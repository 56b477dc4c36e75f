#include "core/params.h"

#include <gtest/gtest.h>

#include "core/error.h"

namespace vox {
namespace {

template <class T>
T parsed(std::string_view text) {
  T value{};
  parse_value(text, value);
  return value;
}

TEST(ParseValue, PairsAndTriples) {
  using Pair = std::array<double, 2>;
  EXPECT_EQ((Pair{0, 255}), parsed<Pair>("0,255"));
  EXPECT_EQ((Pair{-0.5, 1e3}), parsed<Pair>("-.5,1e3"));
  EXPECT_EQ((Vector3{2, 0.5, 0.25}), parsed<Vector3>("2,0.5,0.25"));
  EXPECT_EQ((Vector3{3, 3, 3}), parsed<Vector3>("3"));
  EXPECT_EQ((Extent3{64, 64, 64}), parsed<Extent3>("64"));
  EXPECT_EQ((std::vector<double>{1, 50, 99}), parsed<std::vector<double>>("1,50,99"));
}

TEST(ParseValue, SaysWhatItExpects) {
  using Pair = std::array<double, 2>;
  for (const char* text : {"", "1", "1,2,3", "1,", "a,b", "1;2"})
    EXPECT_THROW(parsed<Pair>(text), Error) << text;
  for (const char* text : {"", "1,2", "1,2,3,4", "x"}) EXPECT_THROW(parsed<Vector3>(text), Error) << text;
  for (const char* text : {"1.5", "1,2", ""}) EXPECT_THROW(parsed<Extent3>(text), Error) << text;
  EXPECT_THROW(parsed<DType>("uint12"), Error);
  EXPECT_THROW(parsed<Kind>("picture"), Error);
  EXPECT_THROW(parsed<int>("3000000000"), Error);
}

TEST(ParseValue, LengthsMayMixUnits) {
  const auto lengths = parsed<std::array<Length, 3>>("1,2um,0.1mm");
  EXPECT_EQ("", lengths[0].unit);
  EXPECT_EQ("micrometer", lengths[1].unit);
  EXPECT_EQ(0.1, lengths[2].value);
}

TEST(Params, StoreWhatTheUserSays) {
  Params params;
  double gain = 1;
  std::optional<std::int64_t> count;
  bool flag = false;
  params.value("gain", 'g', "G", "a gain", gain);
  params.value("count", 0, "N", "a count", count);
  params.flag("quick", 0, "no care", flag);
  ASSERT_EQ(3u, params.list().size());
  params.list()[0].set("2.5");
  params.list()[1].set("7");
  params.list()[2].set("");
  EXPECT_EQ(2.5, gain);
  EXPECT_EQ(7, *count);
  EXPECT_TRUE(flag);
  EXPECT_TRUE(params.list()[2].is_flag());
  EXPECT_FALSE(params.list()[1].is_flag());
}

}  // namespace
}  // namespace vox
