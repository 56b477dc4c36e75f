#include "ops/render/profile_plot.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace vox {
namespace {

std::string svg_of(const ProfilePlot& plot) {
  std::string text;
  draw_profile(plot, {PictureFormat::svg,
                      [&](std::span<const std::byte> bytes) {
                        text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
                      },
                      {}});
  return text;
}

std::size_t count_of(const std::string& text, const std::string& words) {
  std::size_t count = 0;
  for (std::size_t at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) ++count;
  return count;
}

TEST(ProfilePlot, CurvesEndWhereValuesAreNotKnown) {
  const double nan = std::nan("");
  const std::vector<double> measured{10, 20, nan, 40, nan, 30, 35};
  const std::vector<double> gain{1, 0.5, 1, 2, 1, 1, 1};
  const std::string svg =
      svg_of({"scan.tif",
              "vnormalize drift",
              "section",
              {{"level", {{"measured", measured}, {"smoothed", gain}}}, {"gain", {{"gain", gain}}, 1}}});
  for (const char* words : {">scan.tif<", ">vnormalize drift<", ">section<", ">level<", ">gain<",
                            ">measured<", ">smoothed<", ">0<", ">6<", ">40<"})
    EXPECT_NE(svg.find(words), std::string::npos) << words;
  EXPECT_EQ(count_of(svg, "stroke:#8c8c8c;stroke-width:1.5"), 2u);  // 10 to 20, and 30 to 35
  EXPECT_EQ(count_of(svg, "fill:#8c8c8c"), 1u);                     // 40 alone
  EXPECT_EQ(count_of(svg, "stroke-dasharray"), 1u);
}

TEST(ProfilePlot, LowestAndHighestStayOfManyValues) {
  std::vector<double> values(100'000, 5);
  values[12'345] = 105;
  values[54'321] = -95;
  const std::string svg = svg_of({"a", "b", "plane", {{"c", {{"d", values}}}}});
  EXPECT_LT(svg.size(), 60'000u);
  // A twentieth of the range lies beyond either: 80 + 420 / 22 and 500 - 420 / 22.
  EXPECT_NE(svg.find(" 99.09L"), std::string::npos);
  EXPECT_NE(svg.find(" 480.91L"), std::string::npos);
}

TEST(ProfilePlot, AnyNumberCanBeDrawn) {
  const double most = std::numeric_limits<double>::max();
  for (const std::vector<double>& values : std::vector<std::vector<double>>{
           {7}, {std::nan("")}, {0, 0}, {-most, most}, {1e-320, 0}, {INFINITY, 1}})
    for (const char* wrong : {"nan", "inf"})
      EXPECT_EQ(svg_of({"", "", "plane", {{"", {{"", values}}}}}).find(wrong), std::string::npos)
          << values[0];
}

}  // namespace
}  // namespace vox
