#include "ops/stats/statistics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "ops/random_volume.h"
#include "ops/render/statistics_text.h"
#include "ops/simd.h"
#include "ops/stats/measures.h"
#include "ops/stats/reducer_list.h"

namespace vox {
namespace {

using test::random_volume;
using test::run_randomly;
using test::Spread;
using test::Volume;

/// The bin of a value by its definition.
std::int64_t bin_by_edges(const std::vector<double>& edges, double value) {
  const auto above = std::upper_bound(edges.begin(), edges.end(), value) - edges.begin();
  return std::min<std::int64_t>(above, static_cast<std::int64_t>(edges.size()) - 1) - 1;
}

Statistics measured(const std::vector<const Volume*>& volumes, const StatisticsRequest& request,
                    std::mt19937_64& random) {
  return measure(volumes[0]->dtype, volumes[0]->shape, request,
                 [&](Reducer& reducer) { run_randomly(reducer, volumes, random); });
}

class StatisticsTest : public testing::TestWithParam<DType> {};

TEST_P(StatisticsTest, EveryValueLiesBetweenTheEdgesOfItsBin) {
  std::mt19937_64 random(31);
  for (const Spread spread : {Spread::bits, Spread::narrow, Spread::specials}) {
    const Volume volume = random_volume(GetParam(), {3, 11, 700}, spread, random);
    const Statistics got = measured({&volume}, {{50}, 64, {}, {}}, random);
    const std::vector<double>& edges = got.histogram.edges;
    ASSERT_EQ(edges.size(), 65u);
    EXPECT_EQ(edges.front(), got.summary.min);
    EXPECT_EQ(edges.back(), got.summary.max);
    // Edges that coincide or overflow in the voxels' own type leave no choice to definitions.
    if (std::adjacent_find(edges.begin(), edges.end(), std::greater_equal<>()) != edges.end()) continue;
    std::vector<std::int64_t> expected(64);
    for (const double value : volume.values())
      if (std::isfinite(value)) ++expected[static_cast<std::size_t>(bin_by_edges(edges, value))];
    EXPECT_EQ(got.histogram.counts, expected);
  }
}

TEST_P(StatisticsTest, DigitsDoNotDependOnTheOrderOfBlocks) {
  std::mt19937_64 random(32);
  const Extent3 shape{5, 40, 300};
  const Volume volume = random_volume(GetParam(), shape, Spread::specials, random);
  const Volume mask = random_volume(DType::int8, shape, Spread::bits, random);
  Volume labels = random_volume(DType::uint16, shape, Spread::bits, random);
  for (std::byte& byte : labels.bytes) byte &= std::byte{1};
  for (const Axis axis : {Axis::z, Axis::x}) {
    const StatisticsRequest request{{1, 50, 99}, 100, axis, DType::uint16};
    const Statistics first = measured({&volume, &mask, &labels}, request, random);
    EXPECT_LT(first.summary.seen, voxels(shape));
    EXPECT_EQ(first.labels.size(), 3u);  // 1, 256 and 257
    for (int repeat = 0; repeat < 3; ++repeat) {
      const Statistics again = measured({&volume, &mask, &labels}, request, random);
      EXPECT_EQ(first.moments.mean, again.moments.mean);
      EXPECT_EQ(first.moments.std, again.moments.std);
      EXPECT_EQ(first.moments.sum, again.moments.sum);
      EXPECT_EQ(first.median, again.median);
      EXPECT_EQ(first.percentiles, again.percentiles);
      EXPECT_EQ(first.histogram.counts, again.histogram.counts);
      EXPECT_EQ(first.entropy, again.entropy);
      EXPECT_EQ(first.otsu, again.otsu);
      for (std::size_t i = 0; i < first.profile.size(); ++i) {
        EXPECT_EQ(first.profile[i].count, again.profile[i].count);
        const bool empty = first.profile[i].count == 0;
        EXPECT_TRUE(empty || first.profile[i].std == again.profile[i].std);
      }
      for (std::size_t i = 0; i < first.labels.size(); ++i) {
        EXPECT_EQ(first.labels[i].label, again.labels[i].label);
        EXPECT_EQ(first.labels[i].moments.mean, again.labels[i].moments.mean);
      }
    }
  }
}

TEST_P(StatisticsTest, NothingReadIsNothingKnownAndEveryPassPlanned) {
  int passes = 0;
  const StatisticsRequest request{{1, 99}, 10, Axis::z, DType::uint8};
  const Statistics got = measure(GetParam(), {2, 3, 4}, request, [&](Reducer& reducer) {
    ++passes;
    EXPECT_GT(reducer.memory_bytes(), 0);
  });
  EXPECT_EQ(passes, GetParam() == DType::float16 ? 2 : percentile_passes(GetParam()));
  EXPECT_EQ(got.summary.count, 0);
  EXPECT_TRUE(std::isnan(got.otsu) && std::isnan(got.median) && std::isnan(got.moments.mean));
  EXPECT_EQ(got.entropy, 0);
  EXPECT_EQ(got.profile.size(), 2u);
  EXPECT_TRUE(got.labels.empty());
}

TEST_P(StatisticsTest, DigitsDoNotDependOnVectorInstructions) {
  std::mt19937_64 random(35);
  const Extent3 shape{3, 20, 5003};
  const Volume volume = random_volume(GetParam(), shape, Spread::specials, random);
  const StatisticsRequest request{{0.1, 50, 99}, 200, Axis::y, {}};
  std::vector<std::string> texts;
  for (const std::string& level : simd_levels()) {
    select_simd(level);
    texts.push_back(statistics_json(measured({&volume}, request, random), request));
  }
  select_simd(simd_levels().back());
  for (const std::string& text : texts) EXPECT_EQ(text, texts.front());
}

INSTANTIATE_TEST_SUITE_P(EveryDType, StatisticsTest, testing::ValuesIn(kAllDTypes),
                         [](const auto& of) { return std::string(dtype_name(of.param)); });

TEST(Measures, EntropyOfEvenAndEmptyHistograms) {
  EXPECT_EQ(entropy_bits(std::vector<std::int64_t>{5, 5, 5, 5}), 2);
  EXPECT_EQ(entropy_bits(std::vector<std::int64_t>{0, 9, 0}), 0);
  EXPECT_EQ(entropy_bits(std::vector<std::int64_t>{0, 0}), 0);
}

TEST(Measures, OtsuSplitsTwoPeaksAndPrefersTheFirstOfEqualThresholds) {
  const std::vector<double> centres = {0, 1, 2, 3, 4};
  EXPECT_EQ(otsu_threshold(std::vector<std::int64_t>{10, 20, 1, 20, 10}, centres), 1);
  EXPECT_EQ(otsu_threshold(std::vector<std::int64_t>{10, 0, 0, 0, 10}, centres), 0);
  EXPECT_EQ(otsu_threshold(std::vector<std::int64_t>{100, 1, 0, 1, 1}, centres), 1);
}

TEST(Measures, OtsuOfOneValueIsThatValue) {
  std::mt19937_64 random(33);
  for (const DType dtype : kAllDTypes) {
    const Volume volume = random_volume(dtype, {2, 3, 4}, Spread::constant, random);
    EXPECT_EQ(measured({&volume}, {{}, 256, {}, {}}, random).otsu, volume.at(0));
  }
}

/// Counts the voxels and the calls that it gets.
class CountingReducer final : public Reducer {
 public:
  explicit CountingReducer(std::int64_t multiple) : multiple_(multiple) {}
  std::unique_ptr<Reducer> empty() const override { return std::make_unique<CountingReducer>(multiple_); }
  void observe(std::span<const ConstBlock> blocks) override {
    seen += voxels(blocks[0].shape());
    most_blocks = std::max(most_blocks, blocks.size());
    whole_groups = whole_groups && blocks[0].box.begin.y % multiple_ == 0;
  }
  void merge(const Reducer& other_reducer) override {
    const auto& other = static_cast<const CountingReducer&>(other_reducer);
    seen += other.seen;
    most_blocks = std::max(most_blocks, other.most_blocks);
    whole_groups = whole_groups && other.whole_groups;
  }
  std::int64_t row_multiple() const override { return multiple_; }
  std::int64_t memory_bytes() const override { return 100; }

  std::int64_t seen = 0;
  std::size_t most_blocks = 0;
  bool whole_groups = true;

 private:
  std::int64_t multiple_;
};

TEST(ReducerList, ShowsEveryVoxelToEachAndKeepsGroupsOfRowsWhole) {
  std::mt19937_64 random(34);
  const Volume volume = random_volume(DType::float64, {3, 25, 400}, Spread::narrow, random);
  CountingReducer some(4), others(6);
  ReducerList list;
  list.add(some);
  list.add(others, true);
  EXPECT_EQ(list.row_multiple(), 12);
  EXPECT_EQ(list.memory_bytes(), 200);
  run_randomly(list, {&volume, &volume}, random);
  EXPECT_EQ(some.seen, voxels(volume.shape));
  EXPECT_EQ(others.seen, voxels(volume.shape));
  EXPECT_EQ(some.most_blocks, 2u);
  EXPECT_EQ(others.most_blocks, 1u);
  EXPECT_TRUE(some.whole_groups && others.whole_groups);
}

}  // namespace
}  // namespace vox
