// Medians and percentiles against sorting.
#include <gtest/gtest.h>

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
    const Volume in = test::doubles_of_type({4, 6, 37}, dtype, 5);
    for (const BoundaryMode mode : test::kBoundaryModes) {
      const Boundary boundary{mode, 3};
      for (const Vector3& radius : {Vector3{1, 1, 1}, Vector3{2, 0, 3}}) {
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

}  // namespace
}  // namespace vox
