#include "cli/suggest.h"

#include <gtest/gtest.h>

namespace vox {
namespace {

TEST(Suggest, EditDistance) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("abc", ""), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("range", "range"), 0u);
  EXPECT_EQ(edit_distance("ragne", "range"), 1u);  // neighbours swapped
  EXPECT_EQ(edit_distance("rang", "range"), 1u);
}

const std::vector<std::string> kOptions = {"range",     "percentiles", "sigmas", "roi",
                                           "roi-world", "memory",      "help"};

TEST(Suggest, FindsTheNearest) {
  EXPECT_EQ(nearest_word("percentile", kOptions), "percentiles");
  EXPECT_EQ(nearest_word("ragne", kOptions), "range");
  EXPECT_EQ(nearest_word("memroy", kOptions), "memory");
  EXPECT_EQ(nearest_word("hlep", kOptions), "help");
}

TEST(Suggest, TakesTheOnlyOneThatBeginsLikeIt) {
  EXPECT_EQ(nearest_word("perc", kOptions), "percentiles");
  EXPECT_EQ(nearest_word("roi-w", kOptions), "roi-world");
}

TEST(Suggest, IsSilentWhenNothingIsNear) {
  EXPECT_EQ(nearest_word("quantum", kOptions), "");
  EXPECT_EQ(nearest_word("x", kOptions), "");
  EXPECT_EQ(nearest_word("range", {}), "");
}

}  // namespace
}  // namespace vox
