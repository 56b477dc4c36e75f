// Conversion, clipping and stretching against plain loops in wide arithmetic, on every vector level.
#include <gtest/gtest.h>

#include <cfenv>
#include <cmath>

#include "core/error.h"
#include "ops/intensity/clamp.h"
#include "ops/intensity/convert.h"
#include "ops/intensity/convert_rows.h"
#include "ops/intensity/rescale.h"
#include "ops/simd.h"
#include "support/memory_volume.h"

namespace vox {
namespace {

using test::Volume;

/// Values that a type holds, among them its ends, ties, and what others cannot hold.
template <class T>
std::vector<T> telling_values() {
  std::vector<T> values;
  const auto add = [&](double value) {
    if constexpr (is_float_type<T>) {
      values.push_back(T(value));
    } else {
      if (std::isnan(value)) return;
      const long double low = std::numeric_limits<T>::min();
      const long double high = std::numeric_limits<T>::max();
      const long double inside =
          std::min(std::max(static_cast<long double>(std::nearbyint(value)), low), high);
      values.push_back(static_cast<T>(inside));
    }
  };
  for (const double base :
       {0.0, 1.0, 127.0, 128.0, 255.0, 256.0, 2048.0, 32767.0, 65504.0, 65535.0, 16777216.0, 2147483647.0,
        4294967295.0, 9007199254740992.0, 9.2e18, 1.8e19, 1e30, 1e300})
    for (const double sign : {1.0, -1.0})
      for (const double step : {-1.5, -1.0, -0.5, -0.25, 0.0, 0.5, 0.75, 1.0, 1.5}) add(sign * base + step);
  add(INFINITY);
  add(-INFINITY);
  add(NAN);
  std::mt19937_64 random(7);
  for (int i = 0; i < 5000; ++i)
    add(std::ldexp(static_cast<double>(static_cast<std::int64_t>(random())),
                   -static_cast<int>(random() % 64)));
  return values;
}

/// The conversion as the documentation words it, in long double, which holds every value of every type.
template <class From, class To>
To plain_converted(From from, Tally& tally) {
  long double value = 0;
  if constexpr (std::is_same_v<From, float16>)
    value = static_cast<double>(from);
  else
    value = from;
  if constexpr (is_float_type<To>) {
    To result;
    if constexpr (std::is_same_v<To, float16>)
      result = float16(static_cast<double>(value));
    else
      result = static_cast<To>(value);
    long double back = 0;
    if constexpr (std::is_same_v<To, float16>)
      back = static_cast<double>(result);
    else
      back = result;
    if (std::isnan(value) || back == value) return result;
    ++(std::isinf(back) ? tally.saturated : tally.rounded);
    return result;
  } else {
    if (std::isnan(value)) {
      ++tally.nan;
      return 0;
    }
    const long double whole = std::nearbyintl(value);
    if (whole < static_cast<long double>(std::numeric_limits<To>::min()) ||
        whole > static_cast<long double>(std::numeric_limits<To>::max())) {
      ++tally.saturated;
      return whole < 0 ? std::numeric_limits<To>::min() : std::numeric_limits<To>::max();
    }
    if (whole != value) ++tally.rounded;
    return static_cast<To>(whole);
  }
}

template <class From, class To>
void check_pair(DType from, DType to) {
  const std::vector<From> in = telling_values<From>();
  std::vector<To> out(in.size());
  Tally tally;
  convert_voxels(from, reinterpret_cast<const std::byte*>(in.data()), to,
                 reinterpret_cast<std::byte*>(out.data()), static_cast<std::int64_t>(in.size()), tally);
  Tally expected_tally;
  for (std::size_t i = 0; i < in.size(); ++i) {
    const To expected = plain_converted<From, To>(in[i], expected_tally);
    if (std::isnan(as_double(expected)))
      EXPECT_TRUE(std::isnan(as_double(out[i])));
    else
      ASSERT_EQ(0, std::memcmp(&expected, &out[i], sizeof(To)))
          << as_double(in[i]) << " -> " << as_double(out[i]);
  }
  EXPECT_TRUE(expected_tally == tally)
      << dtype_name(from) << " to " << dtype_name(to) << ": saturated " << expected_tally.saturated << " "
      << tally.saturated << " rounded " << expected_tally.rounded << " " << tally.rounded;
}

class EveryLevel : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { select_simd(GetParam()); }
  void TearDown() override { select_simd(simd_levels().back()); }
};

TEST_P(EveryLevel, ConvertsEveryPairOfTypes) {
  for (const DType from : kAllDTypes) {
    visit_dtype(from, [&](auto from_type) {
      using From = typename decltype(from_type)::type;
      for (const DType to : kAllDTypes) {
        if (from == to) continue;
        visit_dtype(to, [&](auto to_type) { check_pair<From, typename decltype(to_type)::type>(from, to); });
      }
    });
  }
}

TEST_P(EveryLevel, ClampsEveryType) {
  for (const DType dtype : kAllDTypes) {
    visit_dtype(dtype, [&](auto type) {
      using T = typename decltype(type)::type;
      const std::vector<T> in = telling_values<T>();
      const Clamp clamp(dtype, 2.5, 99.5);
      const bool whole = !is_float(dtype);
      EXPECT_EQ(whole ? 2 : 2.5, clamp.low());
      EXPECT_EQ(whole ? 100 : 99.5, clamp.high());
      std::vector<T> out(in.size());
      const Box3 box{{0, 0, 0}, {1, 1, static_cast<std::int64_t>(in.size())}};
      Tally tally;
      clamp.apply(dense_block(reinterpret_cast<const std::byte*>(in.data()), dtype, box),
                  dense_block(reinterpret_cast<std::byte*>(out.data()), dtype, box), tally);
      Tally expected;
      for (std::size_t i = 0; i < in.size(); ++i) {
        const double value = as_double(in[i]);
        expected.clipped_low += value < clamp.low() ? 1 : 0;
        expected.clipped_high += value > clamp.high() ? 1 : 0;
        const auto clipped = static_cast<double>(std::clamp<long double>(value, clamp.low(), clamp.high()));
        if (std::isnan(value))
          EXPECT_TRUE(std::isnan(as_double(out[i])));
        else
          ASSERT_EQ(clipped, as_double(out[i]));
      }
      EXPECT_TRUE(expected == tally) << dtype_name(dtype);
    });
  }
}

TEST_P(EveryLevel, StretchesEveryPairOfTypes) {
  const Range from{-3.25, 4000.5};
  for (const DType from_dtype : kAllDTypes) {
    for (const DType to_dtype : kAllDTypes) {
      const Range to = full_range(to_dtype);
      const Rescale rescale(from_dtype, to_dtype, from, to);
      visit_dtype(from_dtype, [&](auto from_type) {
        visit_dtype(to_dtype, [&](auto to_type) {
          using From = typename decltype(from_type)::type;
          using To = typename decltype(to_type)::type;
          const std::vector<From> in = telling_values<From>();
          std::vector<To> out(in.size());
          const auto count = static_cast<std::int64_t>(in.size());
          const Box3 box{{0, 0, 0}, {1, 1, count}};
          Tally tally;
          rescale.apply(dense_block(reinterpret_cast<const std::byte*>(in.data()), from_dtype, box),
                        dense_block(reinterpret_cast<std::byte*>(out.data()), to_dtype, box), tally);
          Tally expected;
          for (std::size_t i = 0; i < in.size(); ++i) {
            const double value = as_double(in[i]);
            expected.clipped_low += value < from.low ? 1 : 0;
            expected.clipped_high += value > from.high ? 1 : 0;
            const double inside = std::min(std::max(value, from.low), from.high);
            const double moved =
                std::isnan(value)
                    ? value
                    : (inside - from.low) / (from.high - from.low) * (to.high - to.low) + to.low;
            Tally conversion;
            const To stored = plain_converted<double, To>(moved, conversion);
            expected.nan += conversion.nan;
            if (std::isnan(as_double(stored)))
              EXPECT_TRUE(std::isnan(as_double(out[i])));
            else
              ASSERT_EQ(as_double(stored), as_double(out[i]))
                  << dtype_name(from_dtype) << " " << value << " to " << dtype_name(to_dtype);
          }
          EXPECT_TRUE(expected == tally) << dtype_name(from_dtype) << " to " << dtype_name(to_dtype);
        });
      });
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Simd, EveryLevel, testing::ValuesIn(simd_levels()),
                         [](const auto& tested) { return tested.param; });

TEST(Rescale, TheValueMapLeadsBack) {
  VolumeMeta meta;
  meta.shape = {1, 1, 1};
  meta.dtype = DType::uint16;
  meta.value_map = ValueMap{0.5, -100};
  const Rescale rescale(DType::uint16, DType::uint8, {1000, 3000}, {0, 255});
  const VolumeMeta out = rescale.output_meta(meta);
  // 2000 in the input is 900 in the scanner's units and 127.5 in the output.
  EXPECT_NEAR(900, out.value_map->slope * 127.5 + out.value_map->intercept, 1e-9);
}

TEST(Rescale, AConstantVolumeBecomesZeroAndRemembersItsValue) {
  VolumeMeta meta;
  meta.shape = {1, 1, 1};
  meta.dtype = DType::float32;
  const Rescale rescale(DType::float32, DType::uint8, {7, 7}, {0, 255});
  const float in = 7;
  std::uint8_t out = 9;
  const Box3 box{{0, 0, 0}, {1, 1, 1}};
  Tally tally;
  rescale.apply(dense_block(reinterpret_cast<const std::byte*>(&in), DType::float32, box),
                dense_block(reinterpret_cast<std::byte*>(&out), DType::uint8, box), tally);
  EXPECT_EQ(0, out);
  EXPECT_EQ(7, rescale.output_meta(meta).value_map->intercept);
}

TEST(Rescale, AKnownRangeMovesAlong) {
  VolumeMeta meta;
  meta.shape = {1, 1, 1};
  meta.dtype = DType::uint16;
  meta.range = Range{1000, 2500};
  const Rescale rescale(DType::uint16, DType::uint8, {1000, 3000}, {0, 255});
  EXPECT_EQ((Range{0, 191}), *rescale.output_meta(meta).range);
}

TEST(Clamp, RefusesLimitsThatMakeNoSense) {
  EXPECT_THROW(Clamp(DType::uint8, 5, 4), Error);
  EXPECT_THROW(Clamp(DType::uint8, 300, 400), Error);
  EXPECT_THROW(Clamp(DType::float32, NAN, 1), Error);
  EXPECT_NO_THROW(Clamp(DType::uint8, -10, 400));
}

TEST(Clamp, KeepsEveryDigitOfA64BitInteger) {
  const std::array<std::uint64_t, 3> in = {9007199254740993, 9007199254740995, 18446744073709551615u};
  std::array<std::uint64_t, 3> out{};
  const Box3 box = {{0, 0, 0}, {1, 1, 3}};
  const Clamp clamp(DType::uint64, 9007199254740994.0L, 18446744073709551613.0L);
  Tally tally;
  clamp.apply(dense_block(reinterpret_cast<const std::byte*>(in.data()), DType::uint64, box),
              dense_block(reinterpret_cast<std::byte*>(out.data()), DType::uint64, box), tally);
  EXPECT_EQ((std::array<std::uint64_t, 3>{9007199254740994, 9007199254740995, 18446744073709551613u}), out);
  EXPECT_EQ(1, tally.clipped_low);
  EXPECT_EQ(1, tally.clipped_high);
}

TEST(Convert, ARangeMovesAlongWhereItIsCertain) {
  VolumeMeta meta;
  meta.shape = {1, 1, 1};
  meta.dtype = DType::uint16;
  meta.range = Range{7, 4000};
  EXPECT_EQ((Range{7, 255}), *Convert(DType::uint8).output_meta(meta).range);
  meta.dtype = DType::float32;
  // NaN would become 0, which is below 7.
  EXPECT_FALSE(Convert(DType::uint8).output_meta(meta).range.has_value());
  meta.range = Range{-3, 300};
  EXPECT_EQ((Range{0, 255}), *Convert(DType::uint8).output_meta(meta).range);
  // Infinity would become 255.
  meta.range = Range{0, 200};
  EXPECT_FALSE(Convert(DType::uint8).output_meta(meta).range.has_value());
  EXPECT_EQ((Range{0, 200}), *Convert(DType::float64).output_meta(meta).range);
  // 1e300 would become infinite.
  meta.dtype = DType::float64;
  meta.range = Range{0, 1e300};
  EXPECT_FALSE(Convert(DType::float32).output_meta(meta).range.has_value());
}

TEST(Clamp, ARangeStaysKnownWhereInfinityCannotLeaveIt) {
  VolumeMeta meta;
  meta.shape = {1, 1, 1};
  meta.dtype = DType::float32;
  meta.range = Range{-5, 10};
  EXPECT_EQ((Range{0, 8}), *Clamp(DType::float32, 0, 8).output_meta(meta).range);
  EXPECT_FALSE(Clamp(DType::float32, 0, 20).output_meta(meta).range.has_value());
  meta.dtype = DType::int16;
  EXPECT_EQ((Range{0, 10}), *Clamp(DType::int16, 0, 20).output_meta(meta).range);
}

}  // namespace
}  // namespace vox
