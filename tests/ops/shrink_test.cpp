// Levels of pyramids against the definition, voxel by voxel.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "core/error.h"
#include "ops/pyramid/levels.h"
#include "ops/pyramid/shrink.h"
#include "ops/simd.h"
#include "random_volume.h"

namespace vox {
namespace {

using test::Spread;
using test::Volume;

std::vector<std::byte> shrunk(const Volume& in, ShrinkMethod method, const Extent3& factor) {
  const Shrink shrink(method, in.dtype, factor);
  const Extent3 shape = shrink.shape(in.shape);
  const std::int64_t element = size_of(in.dtype);
  std::vector<std::byte> out(static_cast<std::size_t>(voxels(shape) * element));
  for (std::int64_t z = 0; z < shape.z; ++z) {
    std::vector<const std::byte*> planes;
    for (std::int64_t k = shrink.planes(z).begin; k < shrink.planes(z).end; ++k)
      if (shrink.repeats_ends() || (k >= 0 && k < in.shape.z))
        planes.push_back(in.bytes.data() +
                         std::clamp<std::int64_t>(k, 0, in.shape.z - 1) * in.shape.y * in.shape.x * element);
    for (std::int64_t y = 0; y < shape.y; y += 3)
      shrink.apply(planes, in.shape, {y, std::min(y + 3, shape.y)},
                   out.data() + (z * shape.y + y) * shape.x * element);
  }
  return out;
}

/// The values of a box, in scan order.
template <class T>
std::vector<T> box_of(const Volume& in, const Extent3& factor, const Extent3& at) {
  std::vector<T> values;
  const T* all = reinterpret_cast<const T*>(in.bytes.data());
  for (std::int64_t z = at.z * factor.z; z < std::min((at.z + 1) * factor.z, in.shape.z); ++z)
    for (std::int64_t y = at.y * factor.y; y < std::min((at.y + 1) * factor.y, in.shape.y); ++y)
      for (std::int64_t x = at.x * factor.x; x < std::min((at.x + 1) * factor.x, in.shape.x); ++x)
        values.push_back(all[(z * in.shape.y + y) * in.shape.x + x]);
  return values;
}

template <class T>
T plain_mean(const std::vector<T>& values, std::size_t width) {
  if constexpr (is_float_type<T>) {
    double sum = 0;  // of the sums of columns
    for (std::size_t x = 0; x < width; ++x) {
      double column = 0;
      for (std::size_t i = x; i < values.size(); i += width) column += as_double(values[i]);
      sum += column;
    }
    return T(sum / static_cast<double>(values.size()));
  } else {
    __int128 sum = 0;
    for (const T value : values) sum += value;
    const auto n = static_cast<__int128>(values.size());
    __int128 mean = sum / n;
    while (mean * n > sum) --mean;
    const __int128 twice = 2 * (sum - mean * n);
    if (twice > n || (twice == n && mean % 2 != 0)) ++mean;
    return static_cast<T>(mean);
  }
}

template <class T>
T plain_mode(const std::vector<T>& values) {
  std::map<double, int> counts;
  for (const T value : values) ++counts[as_double(value)];
  int most = 0;
  for (const auto& [value, count] : counts) most = std::max(most, count);
  for (const auto& [value, count] : counts)
    if (count == most)
      for (const T candidate : values)
        if (as_double(candidate) == value) return candidate;
  return values.front();
}

template <class T>
T plain(ShrinkMethod method, const std::vector<T>& values, std::int64_t width) {
  const auto less = [](T a, T b) { return as_double(a) < as_double(b); };
  if (method == ShrinkMethod::mean) return plain_mean(values, static_cast<std::size_t>(width));
  if (method == ShrinkMethod::mode) return plain_mode(values);
  return method == ShrinkMethod::max ? *std::max_element(values.begin(), values.end(), less)
                                     : *std::min_element(values.begin(), values.end(), less);
}

TEST(Shrink, EqualsTheDefinitionForEveryTypeFactorAndLevelOfInstructions) {
  std::mt19937_64 random(1);
  for (const DType dtype : kAllDTypes) {
    for (const Extent3 factor : {Extent3{2, 2, 2}, Extent3{1, 2, 2}, Extent3{3, 1, 5}, Extent3{1, 1, 2}}) {
      // Narrow 64-bit values keep doubles, by which the plain mode and extremes compare, exact.
      const bool wide = size_of(dtype) == 8 || is_float(dtype);
      const Volume in = test::random_volume(dtype, {5, 7, 43}, wide ? Spread::narrow : Spread::bits, random);
      visit_dtype(dtype, [&](auto type) {
        using T = typename decltype(type)::type;
        for (const ShrinkMethod method :
             {ShrinkMethod::mean, ShrinkMethod::mode, ShrinkMethod::max, ShrinkMethod::min}) {
          const Extent3 shape = Shrink(method, dtype, factor).shape(in.shape);
          std::vector<T> expected;
          for (std::int64_t z = 0; z < shape.z; ++z)
            for (std::int64_t y = 0; y < shape.y; ++y)
              for (std::int64_t x = 0; x < shape.x; ++x)
                expected.push_back(plain(method, box_of<T>(in, factor, {z, y, x}),
                                         std::min(factor.x, in.shape.x - x * factor.x)));
          const auto bytes = std::as_bytes(std::span(expected));
          for (const std::string& level : simd_levels()) {
            select_simd(level);
            const std::vector<std::byte> got = shrunk(in, method, factor);
            EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), got.begin(), got.end()))
                << dtype_name(dtype) << " " << shrink_method_name(method) << " " << to_string(factor) << " "
                << level;
          }
        }
      });
    }
  }
}

TEST(Shrink, ModeTakesTheSmallestOfSeveral) {
  Volume in{DType::uint16, {1, 2, 4}, {}};
  const std::uint16_t values[] = {9, 3, 7, 7, 3, 9, 1, 5};
  in.bytes.assign(std::as_bytes(std::span(values)).begin(), std::as_bytes(std::span(values)).end());
  const auto out = shrunk(in, ShrinkMethod::mode, {1, 2, 2});
  EXPECT_EQ(3, reinterpret_cast<const std::uint16_t*>(out.data())[0]);
  EXPECT_EQ(7, reinterpret_cast<const std::uint16_t*>(out.data())[1]);
}

TEST(Shrink, NearestTakesTheVoxelAtHalfAFactor) {
  Volume in{DType::uint8, {3, 1, 5}, {}};
  for (int i = 0; i < 15; ++i) in.bytes.push_back(std::byte(i));
  const std::vector<std::byte> expected = {std::byte{6},  std::byte{8},  std::byte{9},
                                           std::byte{11}, std::byte{13}, std::byte{14}};
  EXPECT_EQ(expected, shrunk(in, ShrinkMethod::nearest, {2, 1, 2}));
}

TEST(Shrink, GaussianEqualsItsWeights) {
  std::mt19937_64 random(2);
  const Volume in = test::random_volume(DType::float64, {4, 5, 9}, Spread::narrow, random);
  const auto weight = [](double distance) { return std::exp(-distance * distance / 2); };
  const double norm = 2 * (weight(0.5) + weight(1.5));
  const auto out = shrunk(in, ShrinkMethod::gaussian, {2, 2, 2});
  const auto* got = reinterpret_cast<const double*>(out.data());
  const auto at = [&](std::int64_t z, std::int64_t y, std::int64_t x) {
    return in.at((std::clamp<std::int64_t>(z, 0, 3) * 5 + std::clamp<std::int64_t>(y, 0, 4)) * 9 +
                 std::clamp<std::int64_t>(x, 0, 8));
  };
  for (std::int64_t z = 0; z < 2; ++z)
    for (std::int64_t y = 0; y < 3; ++y)
      for (std::int64_t x = 0; x < 5; ++x) {
        double sum = 0;
        for (std::int64_t k = 0; k < 64; ++k) {
          const std::int64_t dz = k / 16, dy = k / 4 % 4, dx = k % 4;
          const auto of = [&](std::int64_t d) { return weight(static_cast<double>(d) - 1.5) / norm; };
          sum += of(dz) * of(dy) * of(dx) * at(2 * z - 1 + dz, 2 * y - 1 + dy, 2 * x - 1 + dx);
        }
        EXPECT_NEAR(sum, *got++, 1e-12 * std::abs(sum));
      }
}

TEST(Shrink, GaussianOfAConstantStaysThatForEveryInteger) {
  for (const DType dtype : kAllDTypes) {
    if (is_float(dtype)) continue;
    Volume in{dtype,
              {5, 5, 5},
              std::vector<std::byte>(static_cast<std::size_t>(125 * size_of(dtype)), std::byte{0x7f})};
    if (size_of(dtype) == 8) continue;  // no double has all of its digits
    const auto out = shrunk(in, ShrinkMethod::gaussian, {2, 3, 2});
    for (const std::byte byte : out) EXPECT_EQ(std::byte{0x7f}, byte) << dtype_name(dtype);
  }
}

TEST(Shrink, NanStaysAndIsTheLargestValueOfTheMode) {
  const float nan = std::nanf("");
  const float values[] = {nan, 1, 2, 2, nan, nan};
  Volume in{DType::float32, {1, 1, 6}, {}};
  in.bytes.assign(std::as_bytes(std::span(values)).begin(), std::as_bytes(std::span(values)).end());
  for (const ShrinkMethod method :
       {ShrinkMethod::mean, ShrinkMethod::max, ShrinkMethod::min, ShrinkMethod::mode}) {
    const auto out = shrunk(in, method, {1, 1, 2});
    const auto* got = reinterpret_cast<const float*>(out.data());
    EXPECT_EQ(method != ShrinkMethod::mode, std::isnan(got[0])) << shrink_method_name(method);
    EXPECT_EQ(2, got[1]);
    EXPECT_TRUE(std::isnan(got[2]));
  }
}

TEST(PyramidSteps, AnAxisIsHalvedWhileItsSpacingIsLessThanTwiceTheSmallest) {
  VolumeMeta meta;
  meta.shape = {100, 512, 512};
  meta.spacing = Vector3{4, 1, 1};
  const std::vector<Extent3> expected = {{1, 2, 2}, {1, 2, 2}, {2, 2, 2}};
  EXPECT_EQ(expected, pyramid_steps(meta, {}));
  meta.spacing.reset();
  EXPECT_EQ((std::vector<Extent3>(3, Extent3{2, 2, 2})), pyramid_steps(meta, {}));
  meta.shape = {1, 100, 300};
  EXPECT_EQ((std::vector<Extent3>(3, Extent3{1, 2, 2})), pyramid_steps(meta, {}));
  meta.shape = {64, 64, 64};
  EXPECT_TRUE(pyramid_steps(meta, {}).empty());
}

TEST(PyramidSteps, LevelsAndFactorsAreWhatWasAskedFor) {
  VolumeMeta meta;
  meta.shape = {4, 4, 1};
  EXPECT_EQ((std::vector<Extent3>{{3, 1, 1}}),
            pyramid_steps(meta, {.factor = Extent3{3, 1, 2}, .levels = 2}));
  EXPECT_EQ(2u, pyramid_steps(meta, {.factor = {}, .levels = 3}).size());
  EXPECT_THROW(pyramid_steps(meta, {.factor = {}, .levels = 5}), Error);
}

}  // namespace
}  // namespace vox
