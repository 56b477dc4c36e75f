// Filters that weigh neighbours by their values, against the definition, voxel by voxel, in double precision.
#include <gtest/gtest.h>
#include <hwy/highway.h>

#include <bit>
#include <cmath>
#include <limits>

#include "ops/filter/bilateral.h"
#include "ops/filter/nlm.h"
#include "support/filter_case.h"

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;
#include "ops/filter/fused-inl.h"
}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

namespace vox {
namespace {

using test::filtered;
using test::value_at;
using test::Volume;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// The value anywhere, by the boundary rule.
double look(const Volume& volume, const Boundary& boundary, const Extent3& at) {
  const Extent3 n = volume.meta.shape;
  const std::int64_t z = boundary_index(at.z, n.z, boundary.mode);
  const std::int64_t y = boundary_index(at.y, n.y, boundary.mode);
  const std::int64_t x = boundary_index(at.x, n.x, boundary.mode);
  return z < 0 || y < 0 || x < 0 ? static_cast<double>(boundary.value) : value_at(volume, z, y, x);
}

template <class Visit>
void for_box(const Extent3& from, const Extent3& to, Visit visit) {
  for (std::int64_t z = from.z; z <= to.z; ++z)
    for (std::int64_t y = from.y; y <= to.y; ++y)
      for (std::int64_t x = from.x; x <= to.x; ++x) visit(Extent3{z, y, x});
}

Extent3 plus(const Extent3& a, const Extent3& b) { return {a.z + b.z, a.y + b.y, a.x + b.x}; }
Extent3 minus(const Extent3& a) { return {-a.z, -a.y, -a.x}; }

/// The mean of what lies around each voxel, weighted.
template <class Weight>
Volume weighted_means(const Volume& in, const Boundary& boundary, const Extent3& reach, Weight weight_of) {
  Volume out(in.meta.shape, DType::float64);
  const Extent3 n = in.meta.shape;
  for_box({0, 0, 0}, {n.z - 1, n.y - 1, n.x - 1}, [&](const Extent3& at) {
    double sum = 0;
    double total = 0;
    for_box(minus(reach), reach, [&](const Extent3& offset) {
      const double weight = weight_of(at, offset);
      sum += weight * look(in, boundary, plus(at, offset));
      total += weight;
    });
    out.at<double>(at.z, at.y, at.x) = sum / total;
  });
  return out;
}

double square(double value) { return value * value; }

Volume plain_bilateral(const Volume& in, const Boundary& boundary, const Bilateral::Widths& widths) {
  const auto share = [](std::int64_t d, double sigma) {
    return d == 0 ? 0 : square(static_cast<double>(d) / sigma);
  };
  return weighted_means(in, boundary, widths.reach, [&](const Extent3& at, const Extent3& offset) {
    const double difference = look(in, boundary, plus(at, offset)) - look(in, boundary, at);
    return std::exp(-0.5 * (share(offset.z, widths.sigma[0]) + share(offset.y, widths.sigma[1]) +
                            share(offset.x, widths.sigma[2]) + square(difference / widths.range_sigma)));
  });
}

/// scikit-image's exponential: the upper half of a double, computed as an integer.
double chord_exp(double value) {
  const auto upper = static_cast<std::int64_t>(1512775.3951951856938 * value) + 1072632447;
  return std::bit_cast<double>(upper << 32);
}

Volume plain_nlm(const Volume& in, const Boundary& boundary, const Extent3& patch, const Extent3& search,
                 double strength) {
  const auto first = [](std::int64_t radius) { return radius > 0 ? 1 - radius : 0; };
  const auto box = static_cast<double>((2 * patch.z + 1) * (2 * patch.y + 1) * (2 * patch.x + 1));
  return weighted_means(in, boundary, search, [&](const Extent3& at, const Extent3& offset) {
    double sum = 0;
    for_box({first(patch.z), first(patch.y), first(patch.x)}, patch, [&](const Extent3& d) {
      const Extent3 here = plus(at, d);
      sum += square(look(in, boundary, plus(here, offset)) - look(in, boundary, here));
    });
    const double distance = sum / (box * strength * strength);
    return distance > 5 ? 0 : chord_exp(-distance);
  });
}

void expect_near(const Volume& expected, const Volume& got, double share) {
  const std::vector<double> a = expected.values<double>();
  const std::vector<double> b = got.values<double>();
  double largest = 0;
  for (const double value : a) largest = std::max(largest, std::abs(value));
  for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], share * largest) << i;
}

TEST(Bilateral, EqualsTheDefinitionForEveryTypeAndBoundary) {
  for (const DType dtype : kAllDTypes) {
    const Volume in = test::doubles_of_type({3, 5, 21}, dtype, 31);
    for (const BoundaryMode mode : test::kBoundaryModes) {
      for (const Bilateral::Widths& widths :
           {Bilateral::Widths{{1, 1.5, 2}, 30, {1, 2, 3}}, Bilateral::Widths{{0, 3, 0.7}, 500, {4, 6, 1}}}) {
        const Boundary boundary{mode, 90};
        const Bilateral kernel(widths, DType::float64);
        SCOPED_TRACE(std::string(dtype_name(dtype)) + " mode " + std::to_string(static_cast<int>(mode)));
        Bilateral::Widths plain = widths;
        if (plain.sigma[0] == 0) plain.sigma[0] = 1e-9;
        const bool single = size_of(dtype) <= 2 || dtype == DType::float32;
        expect_near(plain_bilateral(in, boundary, plain), filtered(in, {&kernel}, boundary),
                    single ? 2e-5 : 1e-9);
      }
    }
  }
}

TEST(Bilateral, NarrowAndWideRangesKeepTheirDigits) {
  const Volume in = test::random_volume({3, 6, 40}, DType::float32, 32);
  for (const double range_sigma : {1e-30, 1e-3, 1.0, 1e30}) {
    const Bilateral::Widths widths{{1, 1, 1}, range_sigma, {1, 1, 1}};
    const Bilateral kernel(widths, DType::float64);
    expect_near(plain_bilateral(in, {}, widths), filtered(in, {&kernel}, {}), 5e-5);
  }
}

TEST(Bilateral, RoundsOnceToTheTypeAskedFor) {
  const Volume in = test::doubles_of_type({3, 6, 40}, DType::uint8, 33);
  const Bilateral::Widths widths{{1, 1, 1}, 30, {2, 2, 2}};
  const Volume fine = filtered(in, {std::make_unique<Bilateral>(widths, DType::float64).get()}, {});
  const Volume coarse = filtered(in, {std::make_unique<Bilateral>(widths, DType::uint8).get()}, {});
  for (std::int64_t x = 0; x < 40; ++x)
    EXPECT_EQ(std::nearbyint(fine.at<double>(1, 2, x)), coarse.at<std::uint8_t>(1, 2, x));
}

/// Voxels that are no numbers stay; the others are as if there were none of them among the neighbours.
template <class Kernel>
void expect_no_number_counts(const Kernel& kernel, DType dtype, const Volume& plain) {
  Volume in = plain;
  in.at<float>(1, 2, 5) = kNan;
  in.at<float>(1, 3, 9) = kInfinity;
  in.at<float>(2, 3, 9) = -kInfinity;
  const Volume got = filtered(in, {&kernel}, {});
  const auto value = [&](std::int64_t z, std::int64_t y, std::int64_t x) { return value_at(got, z, y, x); };
  if (is_float(dtype)) {
    EXPECT_TRUE(std::isnan(value(1, 2, 5)));
    EXPECT_EQ(kInfinity, value(1, 3, 9));
    EXPECT_EQ(-kInfinity, value(2, 3, 9));
  } else {
    EXPECT_EQ(0, value(1, 2, 5));
    EXPECT_EQ(highest_of(dtype), value(1, 3, 9));
    EXPECT_EQ(lowest_of(dtype), value(2, 3, 9));
  }
  for (std::int64_t z = 0; z < 4; ++z)
    for (std::int64_t x = 0; x < 20; ++x) {
      EXPECT_TRUE(std::isfinite(value(z, 0, x)));
      EXPECT_LE(std::abs(value(z, 0, x)), 120);
      EXPECT_LE(std::abs(value(z, 2, x == 5 ? 6 : x)), 120);
    }
}

TEST(Bilateral, NanAndInfinitiesStayAndDoNotCount) {
  const Volume plain = test::doubles_of_type({4, 6, 20}, DType::float32, 34);
  const Bilateral::Widths widths{{1, 1, 1}, 30, {1, 1, 1}};
  for (const DType dtype : {DType::float32, DType::int16})
    expect_no_number_counts(Bilateral(widths, dtype), dtype, plain);
  Volume in(Extent3{1, 1, 3}, DType::float32);
  in.at<float>(0, 0, 0) = 1;
  in.at<float>(0, 0, 1) = kNan;
  in.at<float>(0, 0, 2) = 3;
  const Bilateral across({{1, 1, 1}, 1e6, {0, 0, 2}}, DType::float64);
  const double near = std::exp(-0.5);  // of the 1 before the first
  const double far = std::exp(-2.0);
  EXPECT_NEAR((1 + near + far * 3) / (1 + near + far),
              filtered(in, {&across}, {BoundaryMode::reflect, 0}).at<double>(0, 0, 0), 1e-4);
}

TEST(Nlm, EqualsTheDefinitionForEveryTypeAndBoundary) {
  for (const DType dtype : kAllDTypes) {
    const Volume in = test::doubles_of_type({3, 4, 19}, dtype, 35);
    for (const BoundaryMode mode : test::kBoundaryModes) {
      const Boundary boundary{mode, 90};
      SCOPED_TRACE(std::string(dtype_name(dtype)) + " mode " + std::to_string(static_cast<int>(mode)));
      const Nlm isotropic({1, 1, 1}, {2, 2, 2}, 33.3, DType::float64);
      expect_near(plain_nlm(in, boundary, {1, 1, 1}, {2, 2, 2}, 33.3), filtered(in, {&isotropic}, boundary),
                  2e-5);
      const Nlm flat({0, 2, 1}, {1, 0, 5}, 41.7, DType::float64);
      expect_near(plain_nlm(in, boundary, {0, 2, 1}, {1, 0, 5}, 41.7), filtered(in, {&flat}, boundary), 2e-5);
    }
  }
}

TEST(Nlm, TilesJoinWithoutSeams) {
  const Volume in = test::random_volume({19, 35, 150}, DType::uint8, 36);
  const Nlm kernel({1, 1, 1}, {1, 1, 1}, 60.1, DType::float64);
  expect_near(plain_nlm(in, {}, {1, 1, 1}, {1, 1, 1}, 60.1), filtered(in, {&kernel}, {}), 2e-5);
}

TEST(Nlm, NanAndInfinitiesStayAndDoNotCount) {
  const Volume plain = test::doubles_of_type({4, 6, 20}, DType::float32, 37);
  for (const DType dtype : {DType::float32, DType::int16}) {
    expect_no_number_counts(Nlm({1, 1, 1}, {2, 2, 2}, 40, dtype), dtype, plain);
    expect_no_number_counts(Nlm({0, 0, 0}, {2, 2, 2}, 40, dtype), dtype, plain);
  }
}

#if !HWY_NATIVE_FMA
TEST(Fused, IsRoundedOnce) {
  // 1 + 2^-36 as a product of floats: beside a power of two, all but a tie of its sum is lost in doubles.
  const float a = 1 + 0x1p-12F;
  const float b = 1 - 0x1p-12F + 0x1p-24F;
  for (const float c : {1.0F, 1 + 0x1p-23F, -1.0F, 3.0F, -1.5F})
    for (int power = -30; power < -20; ++power)
      for (const float sign : {1.0F, -1.0F}) {
        const float scaled = std::ldexp(sign * a, power);
        EXPECT_EQ(std::fma(scaled, b, c), HWY_NAMESPACE::fused_by_doubles(scaled, b, c)) << c << " " << power;
      }
  std::mt19937 random(38);
  std::uniform_real_distribution<float> values(-1, 1);
  for (int i = 0; i < 100000; ++i) {
    const float x = std::ldexp(values(random), i % 60 - 90);
    const float y = std::ldexp(values(random), i % 7 - 50);
    const float z = std::ldexp(values(random), i % 60 - 145);
    EXPECT_EQ(std::fma(x, y, z), HWY_NAMESPACE::fused_by_doubles(x, y, z));
  }
}
#endif

}  // namespace
}  // namespace vox
