#include <gtest/gtest.h>

#include <cmath>

#include "core/xml_text.h"
#include "ops/render/bar_chart.h"
#include "ops/render/canvas.h"
#include "ops/render/histogram_plot.h"
#include "ops/render/statistics_text.h"
#include "ops/render/ticks.h"

namespace vox {
namespace {

/// What `draw` gives away.
std::string text_of(const std::function<void(const TakeBytes&)>& draw) {
  std::string text;
  draw([&](std::span<const std::byte> bytes) {
    text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  });
  return text;
}

std::string histogram_svg(const Statistics& statistics, const std::vector<double>& percentiles) {
  return text_of([&](const TakeBytes& take) {
    draw_histogram(statistics, percentiles, "scan.tif", {PictureFormat::svg, take, {}});
  });
}

std::vector<std::string> labels(const std::vector<Tick>& ticks) {
  std::vector<std::string> result;
  for (const Tick& tick : ticks) result.push_back(tick.label);
  return result;
}

TEST(Ticks, AreRoundNumbersThatCanBeRead) {
  using Labels = std::vector<std::string>;
  EXPECT_EQ(labels(linear_ticks(0, 10, 5)), (Labels{"0", "2", "4", "6", "8", "10"}));
  EXPECT_EQ(labels(linear_ticks(-0.1, 0.1, 4)), (Labels{"-0.10", "-0.05", "0.00", "0.05", "0.10"}));
  EXPECT_EQ(labels(linear_ticks(1, 39863, 4)), (Labels{"10,000", "20,000", "30,000"}));
  EXPECT_EQ(labels(linear_ticks(2e9, 6e9, 4)), (Labels{"2e+09", "3e+09", "4e+09", "5e+09", "6e+09"}));
}

TEST(Ticks, StayWithinTheAxisAndAreNotTooMany) {
  for (const double low : {-1e300, -17.3, 0.0, 1e-300, 3.0})
    for (const double width : {1e-12, 0.7, 3.0, 1e5, 1e300}) {
      const std::vector<Tick> ticks = linear_ticks(low, low + width, 8);
      ASSERT_GE(ticks.size(), 1u);
      ASSERT_LE(ticks.size(), 12u);
      for (const Tick& tick : ticks) {
        EXPECT_GE(tick.value, low - 1e-6 * width);
        EXPECT_LE(tick.value, low + width * (1 + 1e-6));
      }
    }
}

TEST(Ticks, OfCountsArePowersOfTen) {
  EXPECT_EQ(labels(count_ticks(2500)), (std::vector<std::string>{"1", "10", "100", "1k"}));
  EXPECT_EQ(labels(count_ticks(3e6)), (std::vector<std::string>{"1", "100", "10k", "1M"}));
  EXPECT_EQ(labels(count_ticks(0)), (std::vector<std::string>{"1"}));
  EXPECT_LE(count_ticks(9e18).size(), 10u);
}

TEST(BarChart, TheLargestIsFullAndTheSmallestShows) {
  const std::vector<std::int64_t> counts = {0, 1, 1'000'000};
  EXPECT_EQ(bar_chart(counts, 80), "  █\n  █\n  █\n ▂█\n");
}

TEST(BarChart, BinsAreAddedUpToFit) {
  EXPECT_EQ(bar_chart(std::vector<std::int64_t>(256, 3), 2), "██\n██\n██\n██\n");
  EXPECT_EQ(bar_chart(std::vector<std::int64_t>{0, 0}, 10), "\n\n\n\n");
}

TEST(Svg, TextIsEscaped) {
  EXPECT_EQ(xml_escaped("a<b>&\"c\"\x01"), "a&lt;b&gt;&amp;&quot;c&quot;?");
  const std::string svg = text_of([&](const TakeBytes& take) {
    const PictureOutput output{PictureFormat::svg, take, {}};
    const auto canvas = make_canvas(output, 10, 10);
    canvas->text({1, 2}, "<x>", {.anchor = TextAnchor::end});
    canvas->finish();
  });
  EXPECT_NE(svg.find(">&lt;x&gt;</text>"), std::string::npos);
}

/// One voxel each of 1, 2 and 4.
Statistics small_statistics() {
  Statistics statistics;
  statistics.summary = {5, 3, 1, 1, 0, 1, 4, 1, 4};
  statistics.moments = {3, 7.0 / 3, 1.25, 1, 4, 7};
  statistics.median = 2;
  statistics.percentiles = {1.5, 4};
  statistics.histogram = {{1, 2, 3, 4}, {1, 1, 1}};
  statistics.entropy = std::log2(3);
  statistics.otsu = 2;
  return statistics;
}

const StatisticsRequest kRequest{{25, 99.9}, 3, {}, {}};

TEST(StatisticsText, JsonHasTheKeysInOrder) {
  EXPECT_EQ(statistics_json(small_statistics(), kRequest),
            "{\"count\": 3, \"min\": 1, \"max\": 4, \"mean\": 2.3333333333333335, \"std\": 1.25, \"sum\": 7, "
            "\"median\": 2, \"nan\": 1, \"inf\": 1, \"entropy\": 1.584962500721156, \"otsu\": 2, "
            "\"percentiles\": {\"25\": 1.5, \"99.9\": 4}, \"histogram\": {\"edges\": [1, 2, 3, 4], "
            "\"counts\": [1, 1, "
            "1]}}\n");
}

TEST(StatisticsText, CsvHasALineOfNamesAndALineOfValues) {
  EXPECT_EQ(statistics_csv(small_statistics(), kRequest),
            "count,min,max,mean,std,sum,median,nan,inf,entropy,otsu,p25,p99.9\n"
            "3,1,4,2.3333333333333335,1.25,7,2,1,1,1.584962500721156,2,1.5,4\n");
}

TEST(StatisticsText, CsvOfAProfileLeavesFieldsOfEmptyPlanesEmpty) {
  Statistics statistics = small_statistics();
  statistics.profile = {statistics.moments, {}};
  const StatisticsRequest request{{}, 3, Axis::z, {}};
  EXPECT_EQ(statistics_csv(statistics, request),
            "index,count,mean,std,min,max\n0,3,2.3333333333333335,1.25,1,4\n1,0,,,,\n");
}

TEST(StatisticsText, LabelsOfEveryTypeKeepAllDigits) {
  Statistics statistics = small_statistics();
  statistics.labels = {{~std::uint64_t{0}, statistics.moments}};
  const StatisticsRequest large{{}, 3, {}, DType::uint64};
  const StatisticsRequest negative{{}, 3, {}, DType::int16};
  EXPECT_NE(statistics_json(statistics, large).find("\"label\": 18446744073709551615,"), std::string::npos);
  EXPECT_NE(statistics_json(statistics, negative).find("\"label\": -1,"), std::string::npos);
}

TEST(StatisticsText, TheTableCountsNaNAndInfinitiesOnlyWhenThereAreAny) {
  const std::string table = statistics_table(small_statistics(), kRequest, "scan.tif", 40);
  EXPECT_NE(table.find("volume        scan.tif\nvoxels        3\nNaN           1\ninfinite      1\n"),
            std::string::npos);
  Statistics clean = small_statistics();
  clean.summary.nan = clean.summary.positive_infinity = 0;
  EXPECT_EQ(statistics_table(clean, kRequest, "scan.tif", 40).find("NaN"), std::string::npos);
}

TEST(HistogramPlot, MarksPercentilesAtTheirValues) {
  const std::string svg = histogram_svg(small_statistics(), {25, 99.9});
  EXPECT_NE(svg.find(">25 %</text>"), std::string::npos);
  EXPECT_NE(svg.find(">Otsu</text>"), std::string::npos);
  // 1.5 of 1 to 4: a sixth of the way from 80 to 890.
  EXPECT_NE(svg.find("M215 490L215 130"), std::string::npos);
}

TEST(HistogramPlot, OfNothingIsAPictureToo) {
  Statistics nothing;
  nothing.histogram = {{0, 0.5, 1}, {0, 0}};
  nothing.percentiles = {std::nan("")};
  const std::string svg = histogram_svg(nothing, {50});
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  EXPECT_NE(svg.find("0 voxels"), std::string::npos);
}

}  // namespace
}  // namespace vox
