#include "ops/stats/percentiles.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "ops/random_volume.h"

namespace vox {
namespace {

using test::random_volume;
using test::run_randomly;
using test::Spread;
using test::Volume;

/// What a summary and percentiles should be, by sorting.
struct Expected {
  Summary summary;
  std::vector<double> sorted;

  Expected(const Volume& volume, const Volume* mask) {
    for (std::int64_t i = 0; i < voxels(volume.shape); ++i) {
      if (mask != nullptr && mask->at(i) == 0) continue;
      ++summary.seen;
      const double value = volume.at(i);
      if (std::isnan(value))
        ++summary.nan;
      else if (std::isinf(value))
        ++(value > 0 ? summary.positive_infinity : summary.negative_infinity);
      else
        sorted.push_back(value);
    }
    std::sort(sorted.begin(), sorted.end());
    summary.count = static_cast<std::int64_t>(sorted.size());
  }
  double percentile(double p) const {
    const double place = static_cast<double>(sorted.size() - 1) * (p / 100);
    const auto below = static_cast<std::size_t>(place);
    if (below + 1 >= sorted.size()) return sorted.back();
    const double a = sorted[below], b = sorted[below + 1], t = place - std::floor(place);
    return t < 0.5 ? a + (b - a) * t : b - (b - a) * (1 - t);
  }
};

const std::vector<double> kPercentiles = {0, 0.1, 1, 5, 25, 33.3, 50, 95, 99.9, 100};

void expect_percentiles(const Volume& volume, const Volume* mask, std::mt19937_64& random) {
  const Expected expected(volume, mask);
  std::vector<const Volume*> volumes = {&volume};
  if (mask != nullptr) volumes.push_back(mask);
  int passes = 0;
  const Percentiles got = exact_percentiles(volume.dtype, kPercentiles, [&](Reducer& reducer) {
    ++passes;
    run_randomly(reducer, volumes, random);
  });
  EXPECT_LE(passes, percentile_passes(volume.dtype));
  EXPECT_EQ(got.summary.seen, expected.summary.seen);
  EXPECT_EQ(got.summary.count, expected.summary.count);
  EXPECT_EQ(got.summary.nan, expected.summary.nan);
  EXPECT_EQ(got.summary.positive_infinity, expected.summary.positive_infinity);
  EXPECT_EQ(got.summary.negative_infinity, expected.summary.negative_infinity);
  ASSERT_EQ(got.values.size(), kPercentiles.size());
  if (expected.sorted.empty()) {
    EXPECT_TRUE(std::isnan(got.summary.min) && std::isnan(got.summary.max));
    for (const double value : got.values) EXPECT_TRUE(std::isnan(value));
    return;
  }
  EXPECT_EQ(got.summary.min, expected.sorted.front());
  EXPECT_EQ(got.summary.max, expected.sorted.back());
  for (std::size_t i = 0; i < kPercentiles.size(); ++i)
    EXPECT_EQ(got.values[i], expected.percentile(kPercentiles[i])) << kPercentiles[i];
}

class PercentilesTest : public testing::TestWithParam<DType> {};

TEST_P(PercentilesTest, AreThoseOfTheSortedVolumeHoweverItIsCut) {
  std::mt19937_64 random(11);
  for (const Spread spread : {Spread::bits, Spread::narrow, Spread::constant, Spread::specials})
    for (const Extent3 shape :
         {Extent3{1, 1, 1}, Extent3{1, 1, 2}, Extent3{3, 5, 7}, Extent3{6, 9, 130}, Extent3{2, 3, 9000}})
      expect_percentiles(random_volume(GetParam(), shape, spread, random), nullptr, random);
}

TEST_P(PercentilesTest, LookOnlyInsideAMaskOfAnyType) {
  std::mt19937_64 random(12);
  const Extent3 shape{4, 7, 4500};
  const Volume volume = random_volume(GetParam(), shape, Spread::specials, random);
  for (const DType mask_dtype : kAllDTypes) {
    Volume mask = random_volume(mask_dtype, shape, Spread::specials, random);
    for (std::int64_t i = 0; i < voxels(shape); ++i)
      if (random() % 3 != 0)
        std::memset(mask.bytes.data() + i * size_of(mask_dtype), 0,
                    static_cast<std::size_t>(size_of(mask_dtype)));
    expect_percentiles(volume, &mask, random);
  }
}

TEST_P(PercentilesTest, OfAnEmptyMaskAreNaN) {
  std::mt19937_64 random(13);
  const Volume volume = random_volume(GetParam(), {2, 3, 4}, Spread::narrow, random);
  const Volume nothing{DType::uint8, volume.shape, std::vector<std::byte>(24)};
  expect_percentiles(volume, &nothing, random);
}

TEST_P(PercentilesTest, PlanEveryPassWhenNothingIsRead) {
  int passes = 0;
  const Percentiles got = exact_percentiles(GetParam(), kPercentiles, [&](Reducer& reducer) {
    ++passes;
    EXPECT_GT(reducer.memory_bytes(), 0);
  });
  EXPECT_EQ(passes, percentile_passes(GetParam()));
  EXPECT_EQ(got.summary.seen, 0);
  for (const double value : got.values) EXPECT_TRUE(std::isnan(value));
}

TEST_P(PercentilesTest, ManyPercentilesKeepWithinTheMemoryOfFew) {
  std::mt19937_64 random(14);
  const Volume volume = random_volume(GetParam(), {3, 20, 1000}, Spread::bits, random);
  const Expected expected(volume, nullptr);
  std::vector<double> many;
  for (int i = 0; i <= 1000; ++i) many.push_back(i / 10.0);
  const Percentiles got = exact_percentiles(GetParam(), many, [&](Reducer& reducer) {
    EXPECT_LT(reducer.memory_bytes(), 10 << 20);
    run_randomly(reducer, {&volume}, random);
  });
  for (std::size_t i = 0; i < many.size(); ++i) EXPECT_EQ(got.values[i], expected.percentile(many[i]));
}

INSTANTIATE_TEST_SUITE_P(EveryDType, PercentilesTest, testing::ValuesIn(kAllDTypes),
                         [](const auto& of) { return std::string(dtype_name(of.param)); });

TEST(Percentiles, ValuesThatShareTheirLowBitsNeedFewerPasses) {
  std::mt19937_64 random(15);
  Volume volume = random_volume(DType::float64, {4, 8, 16}, Spread::narrow, random);
  auto* values = reinterpret_cast<double*>(volume.bytes.data());
  for (int i = 0; i < 512; ++i) values[i] = std::floor(values[i]);
  int passes = 0;
  exact_percentiles(DType::float64, kPercentiles, [&](Reducer& reducer) {
    ++passes;
    run_randomly(reducer, {&volume}, random);
  });
  EXPECT_EQ(passes, 2);  // whole numbers below 128 differ in the upper 18 bits of a double only
}

TEST(Percentiles, ARankInABucketOfMoreThan32BitsIsCounted) {
  RankRefiner refiner(DType::uint32, {{0x10000, std::int64_t{1} << 33}}, 16, 0);
  const Volume volume{DType::uint32,
                      {1, 1, 2},
                      {std::byte{7}, std::byte{0}, std::byte{1}, std::byte{0}, std::byte{7}, std::byte{0},
                       std::byte{2}, std::byte{0}}};
  const ConstBlock block = volume.block(whole(volume.shape));
  refiner.observe({&block, 1});
  EXPECT_EQ(refiner.counted(0, 7), 1);
}

TEST(Percentiles, OutsideZeroToHundredAreRefused) {
  EXPECT_THROW(check_percentiles(std::vector<double>{1, 100.5}, "--percentiles"), Error);
  EXPECT_THROW(check_percentiles(std::vector<double>{-1}, "--percentiles"), Error);
  EXPECT_THROW(check_percentiles(std::vector<double>{std::nan("")}, "--percentiles"), Error);
  EXPECT_NO_THROW(check_percentiles(std::vector<double>{0, 100}, "--percentiles"));
}

}  // namespace
}  // namespace vox
