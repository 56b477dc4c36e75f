#include "ops/stats/moments.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "core/error.h"
#include "ops/random_volume.h"
#include "ops/stats/label_moments.h"
#include "ops/stats/profile.h"

namespace vox {
namespace {

using test::random_volume;
using test::run_randomly;
using test::Spread;
using test::Volume;

/// Moments by definition, in extended precision.
Moments expected_moments(const std::vector<double>& values) {
  Moments result;
  result.count = static_cast<std::int64_t>(values.size());
  if (values.empty()) return result;
  long double sum = 0;
  result.min = result.max = values[0];
  for (const double value : values) {
    sum += value;
    result.min = std::min(result.min, value);
    result.max = std::max(result.max, value);
  }
  const long double mean = sum / static_cast<long double>(values.size());
  long double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  result.sum = static_cast<double>(sum);
  result.mean = static_cast<double>(mean);
  result.std = static_cast<double>(std::sqrt(squares / static_cast<long double>(values.size())));
  return result;
}

/// Equal up to the rounding of sums of a volume whose voxels' magnitude is at most `size`: the mean by some
/// units in the last place of `size`, the deviation by their square root when it is far smaller than the
/// distance to the volume's mean.
void expect_close(const Moments& got, const Moments& expected, double size, double std_tolerance) {
  ASSERT_EQ(got.count, expected.count);
  if (expected.count == 0) {
    EXPECT_TRUE(std::isnan(got.mean) && std::isnan(got.std) && std::isnan(got.min) && std::isnan(got.max));
    EXPECT_EQ(got.sum, 0);
    return;
  }
  EXPECT_EQ(got.min, expected.min);
  EXPECT_EQ(got.max, expected.max);
  EXPECT_LE(std::abs(got.mean - expected.mean), 1e-14 * size);
  EXPECT_LE(std::abs(got.std - expected.std), std_tolerance * size);
  EXPECT_LE(std::abs(got.sum / static_cast<double>(got.count) - expected.mean), 1e-14 * size);
}

double magnitude(const Volume& volume) {
  double largest = 1e-300;
  for (const double value : volume.values())
    if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
  return largest;
}

bool same_bits(const Moments& a, const Moments& b) {
  return a.count == b.count && a.mean == b.mean && a.std == b.std && a.min == b.min && a.max == b.max &&
         a.sum == b.sum;
}

bool kept(const Volume& volume, const Volume* mask, std::int64_t i) {
  return std::isfinite(volume.at(i)) && (mask == nullptr || mask->at(i) != 0);
}

/// About a third of the voxels inside.
Volume random_mask(const Extent3& shape, std::mt19937_64& random) {
  Volume mask{DType::uint8, shape, std::vector<std::byte>(static_cast<std::size_t>(voxels(shape)))};
  for (std::byte& voxel : mask.bytes) voxel = std::byte{static_cast<std::uint8_t>(random() % 3 == 0)};
  return mask;
}

class MomentsTest : public testing::TestWithParam<DType> {};

TEST_P(MomentsTest, AreCloseToTheTruthAndTheSameInAnyOrder) {
  std::mt19937_64 random(21);
  for (const Spread spread : {Spread::narrow, Spread::constant, Spread::specials})
    for (const Extent3 shape : {Extent3{1, 1, 1}, Extent3{5, 7, 33}, Extent3{2, 3, 9001}}) {
      const Volume volume = random_volume(GetParam(), shape, spread, random);
      const Volume mask = random_mask(shape, random);
      for (const Volume* inside : {static_cast<const Volume*>(nullptr), &mask}) {
        std::vector<double> values;
        for (std::int64_t i = 0; i < voxels(shape); ++i)
          if (kept(volume, inside, i)) values.push_back(volume.at(i));
        std::vector<const Volume*> shown = {&volume};
        if (inside != nullptr) shown.push_back(inside);
        const auto run = [&](Reducer& reducer) { run_randomly(reducer, shown, random); };
        const Moments got = exact_moments(GetParam(), run);
        expect_close(got, expected_moments(values), magnitude(volume), 1e-14);
        for (int repeat = 0; repeat < 3 && !values.empty(); ++repeat)
          EXPECT_TRUE(same_bits(got, exact_moments(GetParam(), run)));
      }
    }
}

TEST_P(MomentsTest, OfEveryPlaneAlongEveryAxis) {
  std::mt19937_64 random(22);
  const Extent3 shape{3, 37, 4100};
  const Volume volume = random_volume(GetParam(), shape, Spread::specials, random);
  const Volume mask = random_mask(shape, random);
  const double size = magnitude(volume);
  for (const Volume* inside : {static_cast<const Volume*>(nullptr), &mask})
    for (const Axis axis : {Axis::z, Axis::y, Axis::x}) {
      std::vector<const Volume*> shown = {&volume};
      if (inside != nullptr) shown.push_back(inside);
      HistogramReducer first(GetParam());
      run_randomly(first, shown, random);
      std::vector<std::vector<double>> planes(static_cast<std::size_t>(axis == Axis::z   ? shape.z
                                                                       : axis == Axis::y ? shape.y
                                                                                         : shape.x));
      for (std::int64_t i = 0; i < voxels(shape); ++i) {
        const std::int64_t at[] = {i / shape.x / shape.y, i / shape.x % shape.y, i % shape.x};
        if (kept(volume, inside, i))
          planes[static_cast<std::size_t>(at[static_cast<int>(axis)])].push_back(volume.at(i));
      }
      ProfileReducer profile(axis, shape, segment_source(first));
      ProfileReducer again(axis, shape, segment_source(first));
      run_randomly(profile, shown, random);
      run_randomly(again, shown, random);
      const std::vector<Moments> got = profile.moments();
      const std::vector<Moments> repeated = again.moments();
      ASSERT_EQ(got.size(), planes.size());
      for (std::size_t i = 0; i < planes.size(); ++i) {
        expect_close(got[i], expected_moments(planes[i]), size, 3e-8);
        EXPECT_TRUE(planes[i].empty() || same_bits(got[i], repeated[i]));
        if (HasFatalFailure() || HasNonfatalFailure()) return;
      }
    }
}

TEST_P(MomentsTest, OfEveryLabel) {
  std::mt19937_64 random(23);
  const Extent3 shape{4, 9, 4200};
  const Volume volume = random_volume(GetParam(), shape, Spread::specials, random);
  const Volume mask = random_mask(shape, random);
  const double size = magnitude(volume);
  for (const DType label_dtype : {DType::uint8, DType::int16, DType::uint32, DType::int64, DType::uint64}) {
    Volume labels{label_dtype, shape,
                  std::vector<std::byte>(static_cast<std::size_t>(voxels(shape) * size_of(label_dtype)))};
    for (std::int64_t i = 0; i < voxels(shape); ++i) {
      // Runs of labels, some long, some of a single voxel.
      const std::int64_t label = i % shape.x < 2000 ? i / 700 % 5 : static_cast<std::int64_t>(random() % 7);
      std::memcpy(labels.bytes.data() + i * size_of(label_dtype), &label,
                  static_cast<std::size_t>(size_of(label_dtype)));
    }
    for (const Volume* inside : {static_cast<const Volume*>(nullptr), &mask}) {
      std::vector<const Volume*> shown = {&volume};
      if (inside != nullptr) shown.push_back(inside);
      HistogramReducer first(GetParam());
      run_randomly(first, shown, random);
      std::map<std::int64_t, std::vector<double>> expected;
      for (std::int64_t i = 0; i < voxels(shape); ++i) {
        const auto label = static_cast<std::int64_t>(labels.at(i));
        if (label != 0 && kept(volume, inside, i)) expected[label].push_back(volume.at(i));
      }
      shown.push_back(&labels);
      LabelMomentsReducer reducer(label_dtype, segment_source(first));
      LabelMomentsReducer again(label_dtype, segment_source(first));
      run_randomly(reducer, shown, random);
      run_randomly(again, shown, random);
      const std::vector<LabelMoments> got = reducer.moments();
      const std::vector<LabelMoments> repeated = again.moments();
      ASSERT_EQ(got.size(), expected.size());
      std::size_t i = 0;
      for (const auto& [label, values] : expected) {
        EXPECT_EQ(label_text(got[i].label, label_dtype), std::to_string(label));
        expect_close(got[i].moments, expected_moments(values), size, 3e-8);
        EXPECT_TRUE(same_bits(got[i].moments, repeated[i].moments));
        ++i;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(EveryDType, MomentsTest, testing::ValuesIn(kAllDTypes),
                         [](const auto& of) { return std::string(dtype_name(of.param)); });

/// Moments of float64 values, in one row.
Moments moments_of(std::vector<double> values) {
  const auto count = static_cast<std::int64_t>(values.size());
  const ConstBlock block =
      dense_block(reinterpret_cast<const std::byte*>(values.data()), DType::float64, whole({1, 1, count}));
  return exact_moments(DType::float64, [&](Reducer& reducer) { reducer.observe({&block, 1}); });
}

TEST(Moments, SurviveTheWholeRangeOfDoubles) {
  const Moments large = moments_of({1.5e308, -1.5e308, 1.5e308, 1.5e308});
  EXPECT_DOUBLE_EQ(large.mean, 0.75e308);
  EXPECT_NEAR(large.std / 1e308, std::sqrt(3) * 0.75, 1e-12);
  const Moments small = moments_of({1e-300, 3e-300});
  EXPECT_DOUBLE_EQ(small.mean, 2e-300);
  EXPECT_DOUBLE_EQ(small.std, 1e-300);
}

TEST(Moments, ALargeOffsetCostsNoDigits) {
  const Moments got = moments_of({1e9 + 1, 1e9 + 2, 1e9 + 3, 1e9 + 6});
  EXPECT_EQ(got.mean, 1e9 + 3);
  EXPECT_DOUBLE_EQ(got.std, std::sqrt(3.5));
}

TEST(Moments, WholeNumbersAreSummedExactly) {
  const Moments got = moments_of({9007199254740991.0, 1, -9007199254740991.0, 2, 3});
  EXPECT_EQ(got.sum, 6);
}

TEST(Moments, AnUnknownAxisIsRefused) {
  Axis axis = Axis::z;
  parse_value("y", axis);
  EXPECT_EQ(axis, Axis::y);
  EXPECT_THROW(parse_value("w", axis), Error);
}

}  // namespace
}  // namespace vox
