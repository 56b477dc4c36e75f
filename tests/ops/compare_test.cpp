#include "ops/stats/compare.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "ops/stats/compare_labels.h"

namespace vox {
namespace {

struct Volume {
  DType dtype = DType::uint8;
  std::vector<std::byte> bytes;
};

template <class T>
Volume volume_of(DType dtype, const std::vector<T>& values) {
  Volume volume{dtype, std::vector<std::byte>(values.size() * sizeof(T))};
  std::memcpy(volume.bytes.data(), values.data(), volume.bytes.size());
  return volume;
}

Volume volume_from(DType dtype, const std::vector<double>& values) {
  return visit_dtype(dtype, [&]<class T>(Type<T>) {
    std::vector<T> voxels;
    for (const double value : values) voxels.push_back(static_cast<T>(value));
    return volume_of(dtype, voxels);
  });
}

/// Shows the volumes in blocks of rows, in random order, to several reducers that are then merged.
void run_split(Reducer& total, const Extent3& shape, const Volume& a, const Volume& b, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<Box3> boxes;
  for (std::int64_t z = 0; z < shape.z; ++z)
    for (std::int64_t y = 0; y < shape.y; y += 3)
      boxes.push_back({{z, y, 0}, {z + 1, std::min(y + 3, shape.y), shape.x}});
  std::shuffle(boxes.begin(), boxes.end(), random);
  std::vector<std::unique_ptr<Reducer>> copies;
  for (int i = 0; i < 3; ++i) copies.push_back(total.empty());
  for (const Box3& box : boxes) {
    const std::int64_t first = (box.begin.z * shape.y + box.begin.y) * shape.x;
    const ConstBlock blocks[] = {dense_block(a.bytes.data() + first * size_of(a.dtype), a.dtype, box),
                                 dense_block(b.bytes.data() + first * size_of(b.dtype), b.dtype, box)};
    copies[random() % 3]->observe(blocks);
  }
  for (const auto& copy : copies) total.merge(*copy);
}

Comparison compared(const Extent3& shape, const Volume& a, const Volume& b, double tolerance = 0,
                    unsigned seed = 1) {
  CompareReducer reducer(shape, tolerance);
  run_split(reducer, shape, a, b, seed);
  return reducer.result();
}

TEST(Compare, AgreesWithThePlainSumsForAllPairsOfTypes) {
  const Extent3 shape = {3, 7, 61};
  std::mt19937 random(4);
  for (const DType dtype_a : kAllDTypes) {
    for (const DType dtype_b : kAllDTypes) {
      std::vector<double> a, b;
      for (std::int64_t i = 0; i < voxels(shape); ++i) {
        a.push_back(static_cast<double>(random() % 100));
        b.push_back(random() % 3 ? a.back() : static_cast<double>(random() % 100));
      }
      double largest = 0, sum = 0, squares = 0;
      std::int64_t count = 0, first = -1;
      for (std::size_t i = 0; i < a.size(); ++i) {
        const double distance = std::abs(a[i] - b[i]);
        largest = std::max(largest, distance);
        sum += distance;
        squares += distance * distance;
        if (distance > 2 && count++ == 0) first = static_cast<std::int64_t>(i);
      }
      const double n = static_cast<double>(a.size());
      const Comparison got = compared(shape, volume_from(dtype_a, a), volume_from(dtype_b, b), 2);
      EXPECT_EQ(voxels(shape), got.voxels);
      EXPECT_EQ(count, got.differing);
      EXPECT_EQ(std::to_string(static_cast<int>(largest)), got.max_abs);
      EXPECT_DOUBLE_EQ(sum / n, got.mean_abs);
      const double peak = *std::max_element(a.begin(), a.end()) - *std::min_element(a.begin(), a.end());
      EXPECT_EQ(peak, got.peak);
      EXPECT_NEAR(10 * std::log10(peak * peak / (squares / n)), got.psnr, 1e-9);
      ASSERT_TRUE(got.first);
      EXPECT_EQ((Extent3{first / 427, first % 427 / 61, first % 61}), got.first->index);
      EXPECT_EQ(std::to_string(static_cast<int>(a[static_cast<std::size_t>(first)])), got.first->a);
      EXPECT_EQ(std::to_string(static_cast<int>(b[static_cast<std::size_t>(first)])), got.first->b);
    }
  }
}

TEST(Compare, DigitsDoNotDependOnTheOrderOfBlocks) {
  const Extent3 shape = {4, 9, 50};
  std::mt19937_64 random(1);
  std::vector<double> a, b;
  for (std::int64_t i = 0; i < voxels(shape); ++i) {
    a.push_back(std::ldexp(static_cast<double>(random() >> 11), static_cast<int>(random() % 200) - 100));
    b.push_back(a.back() * 1.37);
  }
  const Volume left = volume_from(DType::float64, a), right = volume_from(DType::float64, b);
  const Comparison once = compared(shape, left, right);
  for (unsigned seed = 2; seed < 8; ++seed) {
    const Comparison again = compared(shape, left, right, 0, seed);
    EXPECT_EQ(once.mean_abs, again.mean_abs);
    EXPECT_EQ(once.psnr, again.psnr);
    EXPECT_EQ(once.max_abs, again.max_abs);
    EXPECT_EQ(once.first->index, again.first->index);
  }
}

TEST(Compare, SixtyFourBitIntegersAreExact) {
  const Extent3 shape = {1, 1, 2};
  const auto a = volume_of<std::int64_t>(DType::int64, {9007199254740993, -5});
  const auto b = volume_of<double>(DType::float64, {9007199254740992.0, -5.0});
  const Comparison close = compared(shape, a, b);
  EXPECT_EQ(1, close.differing);
  EXPECT_EQ("1", close.max_abs);
  EXPECT_EQ("9007199254740993", close.first->a);
  EXPECT_TRUE(compared(shape, a, b, 1).equal());
  const auto high = volume_of<std::uint64_t>(DType::uint64, {~std::uint64_t{0}, 0});
  const auto low = volume_of<std::uint64_t>(DType::uint64, {1, 0});
  EXPECT_EQ("18446744073709551614", compared(shape, high, low).max_abs);
  const auto minus = volume_of<std::int64_t>(DType::int64, {-1, 0});
  EXPECT_EQ(1, compared(shape, high, minus).differing);
}

TEST(Compare, ShortIntegersOfUnlikeSignAreFarApart) {
  const Extent3 shape = {1, 1, 2};
  const auto a = volume_of<std::uint16_t>(DType::uint16, {65535, 7});
  const auto b = volume_of<std::int16_t>(DType::int16, {-32768, 7});
  EXPECT_EQ("98303", compared(shape, a, b).max_abs);
  EXPECT_EQ(1, compared(shape, a, b, 98302).differing);
  EXPECT_TRUE(compared(shape, a, b, 98303).equal());
  EXPECT_TRUE(compared(shape, a, b, 1e300).equal());
  EXPECT_EQ(1, compared(shape, a, b, 98302.5).differing);
}

TEST(Compare, NanEqualsNanAndInfinityItself) {
  const double nan = std::nan(""), inf = std::numeric_limits<double>::infinity();
  const Extent3 shape = {1, 1, 6};
  for (const DType dtype : {DType::float16, DType::float32, DType::float64}) {
    const Volume a = volume_from(dtype, {nan, inf, -inf, 0.0, 1.5, 3});
    EXPECT_TRUE(compared(shape, a, volume_from(dtype, {-nan, inf, -inf, -0.0, 1.5, 3})).equal());
    const Comparison got = compared(shape, a, volume_from(dtype, {0, -inf, -inf, 0, 1, 3}), 100);
    EXPECT_EQ(2, got.differing);
    EXPECT_EQ(2, got.unmatched);
    EXPECT_EQ("0.5", got.max_abs);
    EXPECT_EQ(0.125, got.mean_abs);
    EXPECT_EQ(3, got.peak);
    EXPECT_EQ((Extent3{0, 0, 0}), got.first->index);
    EXPECT_EQ("nan", got.first->a);
  }
}

TEST(Compare, NothingSeenIsUsable) {
  const Comparison got = CompareReducer({1, 1, 1}, 0).result();
  EXPECT_TRUE(got.equal());
  EXPECT_EQ(0, got.voxels);
  EXPECT_EQ(0, got.peak);
}

/// The first voxel in scan order that breaks a bijection built on the way; -1: none. Background stands for
/// itself.
std::int64_t first_break(const std::vector<double>& a, const std::vector<double>& b) {
  std::map<double, double> there{{0, 0}}, back{{0, 0}};
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto to = there.emplace(a[i], b[i]).first->second;
    const auto from = back.emplace(b[i], a[i]).first->second;
    if (to != b[i] || from != a[i]) return static_cast<std::int64_t>(i);
  }
  return -1;
}

TEST(CompareLabels, FindsTheFirstVoxelThatNoRenumberingExplains) {
  const Extent3 shape = {3, 8, 5};
  std::mt19937 random(9);
  int equal = 0, different = 0;
  for (unsigned round = 0; round < 400; ++round) {
    std::vector<double> a, b;
    for (std::int64_t i = 0; i < voxels(shape); ++i) {
      a.push_back(static_cast<double>(random() % 6));
      const double renumbered =
          a.back() == 0 ? 0 : 100 + static_cast<double>(static_cast<int>(a.back() * 7) % 11);
      b.push_back(random() % 150 == 0 ? static_cast<double>(random() % 4) * 50 : renumbered);
    }
    const std::int64_t expected = first_break(a, b);
    CompareLabelsReducer reducer(shape);
    run_split(reducer, shape, volume_from(DType::uint8, a), volume_from(DType::int64, b), round);
    const LabelComparison got = reducer.result();
    EXPECT_EQ(expected < 0, got.equal());
    if (expected >= 0) {
      EXPECT_EQ((Extent3{expected / 40, expected % 40 / 5, expected % 5}), *got.first);
    }
    std::set<double> in_a(a.begin(), a.end()), in_b(b.begin(), b.end());
    in_a.erase(0);
    in_b.erase(0);
    EXPECT_EQ(static_cast<std::int64_t>(in_a.size()), got.labels_a);
    EXPECT_EQ(static_cast<std::int64_t>(in_b.size()), got.labels_b);
    ++(expected < 0 ? equal : different);
  }
  EXPECT_GT(equal, 50);
  EXPECT_GT(different, 50);
}

TEST(CompareLabels, BackgroundStaysBackground) {
  CompareLabelsReducer reducer({1, 1, 4});
  run_split(reducer, {1, 1, 4}, volume_from(DType::uint8, {0, 0, 1, 1}),
            volume_from(DType::uint8, {1, 1, 0, 0}), 1);
  EXPECT_EQ((Extent3{0, 0, 0}), *reducer.result().first);
}

}  // namespace
}  // namespace vox
