// The kernels under vnormalize against plain loops.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "ops/intensity/clahe_grid.h"
#include "ops/intensity/curve_map.h"
#include "ops/intensity/gamma.h"
#include "ops/intensity/histogram_match.h"
#include "ops/intensity/plane_floors.h"
#include "ops/intensity/plane_stretch.h"
#include "ops/intensity/section_gains.h"
#include "ops/intensity/tile_maps.h"
#include "ops/simd.h"
#include "support/memory_volume.h"

namespace vox {
namespace {

using test::Volume;

ConstBlock shown(const Volume& volume) {
  return dense_block(volume.bytes.data(), volume.meta.dtype, whole(volume.meta.shape));
}

Volume applied(const Kernel& kernel, const Volume& volume, Tally& tally) {
  Volume out(volume.meta.shape, kernel.output_meta(volume.meta).dtype);
  kernel.apply(shown(volume), dense_block(out.bytes.data(), out.meta.dtype, whole(out.meta.shape)), tally);
  return out;
}

Volume floats(const std::vector<float>& values) {
  Volume volume({1, 1, static_cast<std::int64_t>(values.size())}, DType::float32);
  std::memcpy(volume.bytes.data(), values.data(), volume.bytes.size());
  return volume;
}

TEST(PlaneStretch, EachPlaneHasItsOwn) {
  for (const DType dtype : kAllDTypes) {
    SCOPED_TRACE(dtype_name(dtype));
    const Volume volume = test::random_volume({2, 3, 1500}, dtype, 1);
    const Volume mask = test::random_volume({2, 3, 1500}, DType::uint8, 2);
    const std::vector<Stretch> stretches{{-10, 90, 3, 0.5}, {-1e300, 1e300, 0, 2}};
    const PlaneStretch kernel(stretches);
    for (const std::string& level : simd_levels()) {
      select_simd(level);
      Tally tally;
      const Volume all = applied(kernel, volume, tally);
      Volume inside(volume.meta.shape, DType::float32);
      kernel.apply_beside(shown(volume), shown(mask),
                          dense_block(inside.bytes.data(), DType::float32, whole(volume.meta.shape)), tally);
      visit_dtype(dtype, [&]<class T>(Type<T>) {
        for (std::int64_t z = 0; z < 2; ++z)
          for (std::int64_t x = 0; x < 1500; ++x) {
            const Stretch& stretch = stretches[static_cast<std::size_t>(z)];
            const double value = as_double(volume.at<T>(z, 2, x));
            const auto wanted = static_cast<float>(
                (std::min(std::max(value, stretch.low), stretch.high) - stretch.offset) * stretch.factor);
            ASSERT_EQ(wanted, all.at<float>(z, 2, x));
            ASSERT_EQ(mask.at<std::uint8_t>(z, 2, x) != 0 ? wanted : static_cast<float>(value),
                      inside.at<float>(z, 2, x));
          }
      });
    }
  }
}

TEST(PlaneStretch, SpecialValuesAndValueMap) {
  Tally tally;
  const Volume limited =
      applied(PlaneStretch({{0, 8, 0, 0.25}}), floats({NAN, -INFINITY, INFINITY, 4}), tally);
  EXPECT_TRUE(std::isnan(limited.at<float>(0, 0, 0)));
  EXPECT_EQ(0, limited.at<float>(0, 0, 1));
  EXPECT_EQ(2, limited.at<float>(0, 0, 2));
  VolumeMeta meta;
  meta.value_map = ValueMap{2, 1};
  EXPECT_FALSE(PlaneStretch({{0, 8, 0, 0.25}}).output_meta(meta).value_map);
  const auto map = PlaneStretch({{-INFINITY, INFINITY, 3, 0.5}}).output_meta(meta).value_map;
  EXPECT_EQ((ValueMap{4, 7}), map.value());  // 2 * (2 * stored + 3) + 1
}

TEST(CurveMap, InterpolatesAndKeepsWhatStays) {
  const Curves curves{10, 5, 3, {0, 1, 4, 7, 7, 9}, {1, -1, 0}, 4};
  for (const std::string& level : simd_levels()) {
    select_simd(level);
    for (const DType dtype : {DType::float32, DType::float64, DType::int16, DType::int64}) {
      Volume volume({3, 1, 9}, dtype);
      const double values[] = {-3, 4, 5, 10, 12, 15, 18, 20, 31};
      const double first[] = {-3, 4, 0, 0, 0.4, 1, 2.8, 4, 4};
      const double second[] = {-3, 4, 7, 7, 7, 7, 8.2, 9, 9};
      visit_dtype(dtype, [&]<class T>(Type<T>) {
        if constexpr (!std::is_same_v<T, float16>)
          for (std::int64_t z = 0; z < 3; ++z)
            for (std::int64_t x = 0; x < 9; ++x) volume.at<T>(z, 0, x) = static_cast<T>(values[x]);
      });
      Tally tally;
      const Volume out = applied(CurveMap(dtype, DType::float64, curves), volume, tally);
      for (std::int64_t x = 0; x < 9; ++x) {
        EXPECT_NEAR(second[x], out.at<double>(0, 0, x), 1e-12);
        EXPECT_EQ(values[x], out.at<double>(1, 0, x));
        EXPECT_NEAR(first[x], out.at<double>(2, 0, x), 1e-12);
      }
    }
  }
}

TEST(CurveMap, WideIntegersStayDigitForDigit) {
  Volume volume({1, 1, 2}, DType::int64);
  volume.at<std::int64_t>(0, 0, 0) = -9007199254740993;
  volume.at<std::int64_t>(0, 0, 1) = 3;
  Tally tally;
  const Volume out = applied(CurveMap(DType::int64, DType::int64, {1, 2, 2, {5, 6}, {}, 0}), volume, tally);
  EXPECT_EQ(-9007199254740993, out.at<std::int64_t>(0, 0, 0));
  EXPECT_EQ(6, out.at<std::int64_t>(0, 0, 1));
}

TEST(Gamma, CountsWhatItLoses) {
  Volume volume({1, 1, 4}, DType::int16);
  const std::int16_t values[] = {-5, 0, 100, 32767};
  std::memcpy(volume.bytes.data(), values, sizeof values);
  Tally tally;
  const Volume out = applied(Gamma(DType::int16, Gamma::type_range(DType::int16), 0.5, 2), volume, tally);
  EXPECT_EQ(1, tally.clipped_low);
  EXPECT_EQ(1, tally.saturated);
  EXPECT_EQ(0, out.at<std::int16_t>(0, 0, 0));
  EXPECT_EQ(std::lrint(2 * std::sqrt(100.0 / 32767) * 32767), out.at<std::int16_t>(0, 0, 2));
  EXPECT_EQ(32767, out.at<std::int16_t>(0, 0, 3));
}

TEST(HistogramMatch, FollowsNumpyOnPlateaus) {
  const MatchReference reference{{0.2, 0.5, 0.5, 0.5, 1, 1}, {1, 2, 3, 4, 5, 6}};
  std::vector<double> values{0.1, 0.2, 0.35, 0.5, 0.75, 1};
  match(values, reference);
  // numpy.interp(values, reference.distribution, reference.centres)
  const double wanted[] = {1, 1, 1.5, 4, 4.5, 6};
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(wanted[i], values[i], 1e-12);
}

TEST(HistogramMatch, SaysWhereBinsLie) {
  EXPECT_EQ(1e-6, match_bins(0, 0.7, 0.2, 0, 8).bins.low);
  EXPECT_EQ(1, match_bins(0, 0.7, 0.2, 0, 8).bins.high);
  EXPECT_EQ(0.2, match_bins(-1, 0.7, 0.2, 0, 8).bins.low);
  EXPECT_EQ(0.7, match_bins(-1, 0.7, 0.2, 0, 8).bins.high);
  EXPECT_EQ(8.5, match_bins(9, 9, 9, 0, 8).bins.low);
  EXPECT_EQ(9.5, match_bins(9, 9, 9, 0, 8).bins.high);
}

TEST(PlaneFloors, GapsAreFilledFromTheSides) {
  const std::vector<SectionPercentile> background{{}, {5, 10}, {}, {}, {5, 16}, {}};
  const std::vector<SectionPercentile> caps{{9, 20}, {9, 30}, {}, {9, 30}, {9, 36}, {9, 10}};
  const PlaneFloors floors = plane_floors(background, caps);
  EXPECT_EQ((std::vector<double>{10, 10, 12, 14, 16, 16}), floors.floor);
  EXPECT_EQ(20, floors.scale);
  EXPECT_EQ(4, floors.without_background);
  EXPECT_EQ(16, stretches_of(floors).back().high);  // a cap below the floor
}

TEST(ProfileGains, GapsAreClosedOrKept) {
  std::vector<PlaneMean> planes(30, {200, 10});
  for (std::size_t z = 0; z < 10; ++z) planes[z].mean = 20;
  for (std::size_t z = 10; z < 20; ++z) planes[z].count = 3;
  const ProfileGains closed = profile_gains(planes, {1, 100, false});
  const ProfileGains kept = profile_gains(planes, {1, 100, true});
  EXPECT_LT(closed.gain[9], 0.9);
  EXPECT_DOUBLE_EQ(1, kept.gain[9]);
  EXPECT_EQ(1, closed.gain[15]);
  EXPECT_EQ(20, closed.valid);
}

TEST(TileAxis, MirrorsBeyondTheEnd) {
  const TileAxis axis(5, 4);  // the last tile sees 4, then 3, 2, 1
  EXPECT_EQ(2, axis.tiles());
  const std::int64_t wanted[] = {0, 1, 1, 1, 0};
  for (std::int64_t i = 0; i < 5; ++i) EXPECT_EQ(wanted[i], axis.mirrored(i));
  EXPECT_EQ((Interval{1, 5}), axis.seen_by({1, 2}));
  EXPECT_EQ((Interval{0, 4}), axis.seen_by({0, 1}));
  EXPECT_EQ(2, TileAxis(1, 3).mirrored(0));
  // Voxel 2 is the centre of the first tile.
  EXPECT_EQ(0, axis.place(2).before);
  EXPECT_EQ(1, axis.place(2).after);
  EXPECT_EQ(0, axis.place(2).weight);
  EXPECT_EQ(0, axis.place(0).after);
  EXPECT_EQ(0.5F, axis.place(4).weight);
}

TEST(ClipHistogram, SpreadsTheExcess) {
  std::vector<std::int64_t> counts{10, 0, 1, 0};
  clip_histogram(counts, 4);
  // Six too many: one for each, then in turn from the first bin that has room.
  EXPECT_EQ(11, std::accumulate(counts.begin(), counts.end(), std::int64_t{0}));
  for (const std::int64_t count : counts) EXPECT_LE(count, 4);
  std::vector<std::int64_t> untouched{3, 2, 1};
  clip_histogram(untouched, 3);
  EXPECT_EQ((std::vector<std::int64_t>{3, 2, 1}), untouched);
  std::vector<std::int64_t> full{9, 9};
  clip_histogram(full, 4);  // no room for the rest
  EXPECT_EQ((std::vector<std::int64_t>{4, 4}), full);
  EXPECT_EQ(1, clip_count(0.001, 8));
  EXPECT_EQ(8, clip_count(0, 8));
}

}  // namespace
}  // namespace vox
