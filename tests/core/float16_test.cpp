#include "core/float16.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace vox {
namespace {

/// The value of a half by definition of the format, not by bit tricks.
double half_value(std::uint16_t bits) {
  const double sign = bits & 0x8000 ? -1 : 1;
  const int exponent = bits >> 10 & 31;
  const int fraction = bits & 1023;
  if (exponent == 31) return fraction ? std::nan("") : sign * std::numeric_limits<double>::infinity();
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

TEST(Float16, EveryHalfWidensExactlyAndComesBack) {
  for (int i = 0; i < 65536; ++i) {
    float16 half;
    half.bits = static_cast<std::uint16_t>(i);
    const double expected = half_value(half.bits);
    const double got = static_cast<double>(half);
    if (std::isnan(expected)) {
      EXPECT_TRUE(std::isnan(got));
      EXPECT_TRUE(std::isnan(static_cast<double>(float16(got))));
      continue;
    }
    ASSERT_EQ(expected, got) << i;
    ASSERT_EQ(half.bits, float16(got).bits) << i;
    ASSERT_EQ(half.bits, float16(static_cast<float>(half)).bits) << i;
  }
}

TEST(Float16, RoundsHalfwayCasesToEven) {
  for (int i = 0; i < 0x7bff; ++i) {
    const double low = half_value(static_cast<std::uint16_t>(i));
    const double high = half_value(static_cast<std::uint16_t>(i + 1));
    const double middle = (low + high) / 2;
    ASSERT_EQ(i % 2 == 0 ? i : i + 1, float16(middle).bits);
    ASSERT_EQ(i, float16(std::nextafter(middle, low)).bits);
    ASSERT_EQ(i + 1, float16(std::nextafter(middle, high)).bits);
  }
}

TEST(Float16, OverflowsToInfinityOnlyBeyondHalfAStep) {
  EXPECT_EQ(0x7bff, float16(65519.99).bits);
  EXPECT_EQ(0x7c00, float16(65520.0).bits);
  EXPECT_EQ(0xfc00, float16(-1e30).bits);
}

}  // namespace
}  // namespace vox
