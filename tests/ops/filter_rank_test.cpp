// Medians and percentiles against sorting.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "ops/filter/merge_network.h"
#include "ops/filter/rank.h"
#include "support/filter_case.h"

namespace vox {
namespace {

using test::filtered;
using test::Volume;

Volume plain_rank(const Volume& in, const Footprint& footprint, std::int64_t rank, const Boundary& boundary) {
  return test::plain_filter(in, footprint, boundary, [rank](std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(rank)];
  });
}

TEST(Rank, EqualsSortingForEveryTypeRankAndBoundary) {
  for (const DType dtype : kAllDTypes) {
    const Volume in = test::wide_numbers({4, 6, 37}, dtype, 5);
    for (const BoundaryMode mode : test::kBoundaryModes) {
      const Boundary boundary{mode, 3};
      for (const Vector3& radius : {Vector3{1, 1, 1}, Vector3{2, 2, 2}, Vector3{2, 0, 3}}) {
        for (const Shape shape : {Shape::box, Shape::ball}) {
          const Footprint footprint(shape, radius);
          for (const std::int64_t rank : {std::int64_t{0}, footprint.count() / 2, footprint.count() - 1}) {
            const Rank kernel(footprint, rank, dtype);
            EXPECT_EQ(plain_rank(in, footprint, rank, boundary).bytes,
                      filtered(in, {&kernel}, boundary).bytes)
                << dtype_name(dtype) << " rank " << rank << " mode " << static_cast<int>(mode);
          }
        }
      }
    }
  }
}

/// Rows longer than the tiles along x.
TEST(Rank, EqualsSortingInLongRows) {
  for (const DType dtype : kAllDTypes) {
    const Volume in = test::wide_numbers({2, 3, 701}, dtype, 6);
    for (const Vector3& radius : {Vector3{2, 2, 2}, Vector3{1, 0, 2}, Vector3{0, 1, 70}}) {
      const Footprint footprint(Shape::box, radius);
      const Rank kernel(footprint, footprint.count() / 2, dtype);
      const Boundary boundary{BoundaryMode::reflect, 0};
      EXPECT_EQ(plain_rank(in, footprint, footprint.count() / 2, boundary).bytes,
                filtered(in, {&kernel}, boundary).bytes)
          << dtype_name(dtype) << " radius " << radius[2];
    }
  }
}

/// More voxels than 16 bits can count or number.
TEST(Rank, EqualsSortingInHugeNeighbourhoods) {
  for (const DType dtype : {DType::uint8, DType::int16, DType::float32}) {
    const Volume in = test::wide_numbers({2, 3, 3}, dtype, 7);
    for (const Shape shape : {Shape::box, Shape::ball}) {
      const Footprint footprint(shape, Vector3{26, 26, 26});
      const Rank kernel(footprint, footprint.count() / 3, dtype);
      const Boundary boundary{BoundaryMode::mirror, 0};
      EXPECT_EQ(plain_rank(in, footprint, footprint.count() / 3, boundary).bytes,
                filtered(in, {&kernel}, boundary).bytes)
          << dtype_name(dtype);
    }
  }
}

TEST(Rank, NanAnywhereInTheNeighbourhoodGivesNan) {
  for (const DType dtype : {DType::float16, DType::float32, DType::float64})
    for (const std::int64_t radius : {1, 2, 3})
      for (const Shape shape : {Shape::box, Shape::ball}) {
        Volume in = test::wide_numbers({3, 5, 40}, dtype, 8);
        visit_dtype(dtype, [&]<class T>(Type<T>) {
          in.at<T>(1, 2, 20) = T(std::numeric_limits<float>::quiet_NaN());
        });
        const double r = static_cast<double>(radius);
        const Footprint footprint(shape, Vector3{r, r, r});
        const Rank kernel(footprint, footprint.count() / 2, dtype);
        const Volume out = filtered(in, {&kernel}, {BoundaryMode::nearest, 0});
        for (std::int64_t i = 0; i < in.meta.voxel_count(); ++i) {
          const std::int64_t half = footprint.chord(i / 200 - 1, i / 40 % 5 - 2);
          const bool reached = std::abs(i / 200 - 1) <= radius && std::abs(i / 40 % 5 - 2) <= radius &&
                               std::abs(i % 40 - 20) <= half;
          EXPECT_EQ(std::isnan(test::value_at(out, i / 200, i / 40 % 5, i % 40)), reached)
              << dtype_name(dtype) << " radius " << radius << " voxel " << i;
        }
      }
}

/// By the 0-1 principle a network that merges all sorted lists of zeros and ones merges everything.
TEST(MergeNetwork, MergesListsOfAnyLength) {
  for (std::size_t a = 1; a <= 9; ++a)
    for (std::size_t b = 1; b <= 9; ++b) {
      const Network network = merge_two(a, b);
      for (std::size_t ones_a = 0; ones_a <= a; ++ones_a)
        for (std::size_t ones_b = 0; ones_b <= b; ++ones_b) {
          std::vector<int> wires(a + b, 0);
          for (std::size_t i = 0; i < ones_a; ++i) wires[a - 1 - i] = 1;
          for (std::size_t i = 0; i < ones_b; ++i) wires[a + b - 1 - i] = 1;
          for (std::size_t i = 0; i < network.comparators.size; ++i) {
            const Comparator pair = network.comparators.items[i];
            if (wires[pair.low] > wires[pair.high]) std::swap(wires[pair.low], wires[pair.high]);
          }
          for (std::size_t i = 0; i + 1 < a + b; ++i)
            EXPECT_LE(wires[network.sorted.items[i]], wires[network.sorted.items[i + 1]])
                << a << " and " << b;
        }
    }
}

/// What keep_ranks leaves still gives the ranks that were asked for.
TEST(MergeNetwork, KeepsTheRanksAskedFor) {
  const Network network = keep_ranks(merge_two(20, 13), 9, 17);
  for (std::size_t ones_a = 0; ones_a <= 20; ++ones_a)
    for (std::size_t ones_b = 0; ones_b <= 13; ++ones_b) {
      std::vector<int> wires(33, 0);
      for (std::size_t i = 0; i < ones_a; ++i) wires[19 - i] = 1;
      for (std::size_t i = 0; i < ones_b; ++i) wires[32 - i] = 1;
      for (std::size_t i = 0; i < network.comparators.size; ++i) {
        const Comparator pair = network.comparators.items[i];
        const int low = wires[pair.low];
        const int high = wires[pair.high];
        wires[pair.low] = pair.keep_low ? std::min(low, high) : -1;
        wires[pair.high] = pair.keep_high ? std::max(low, high) : -1;
      }
      for (std::size_t i = 9; i <= 17; ++i)
        EXPECT_EQ(wires[network.sorted.items[i]], i + ones_a + ones_b >= 33 ? 1 : 0) << i;
    }
}

}  // namespace
}  // namespace vox
