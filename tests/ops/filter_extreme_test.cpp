// Erosion and dilation against the definition, voxel by voxel.
#include <gtest/gtest.h>

#include "engine/engine.h"
#include "ops/filter/extreme.h"
#include "support/filter_case.h"

namespace vox {
namespace {

using test::filtered;
using test::Volume;

/// The extreme as the sorting order of doubles has it.
Volume plain_extreme(const Volume& in, Extremum which, const Footprint& footprint, const Boundary& boundary) {
  return test::plain_filter(in, footprint, boundary, [&](const std::vector<double>& values) {
    return which == Extremum::max ? *std::max_element(values.begin(), values.end())
                                  : *std::min_element(values.begin(), values.end());
  });
}

TEST(Extreme, EqualsTheDefinitionForEveryTypeShapeAndBoundary) {
  for (const DType dtype : kAllDTypes) {
    for (const Shape shape : {Shape::box, Shape::ball, Shape::cross}) {
      const Footprint footprint(shape, {1, 3, 2});
      const Volume in = test::doubles_of_type({5, 7, 71}, dtype, 3);
      for (const BoundaryMode mode : test::kBoundaryModes) {
        const Boundary boundary{mode, 3};
        for (const Extremum which : {Extremum::min, Extremum::max}) {
          const Extreme kernel(which, footprint, dtype);
          EXPECT_EQ(plain_extreme(in, which, footprint, boundary).bytes,
                    filtered(in, {&kernel}, boundary).bytes)
              << dtype_name(dtype) << " shape " << static_cast<int>(shape) << " mode "
              << static_cast<int>(mode);
        }
      }
    }
  }
}

TEST(Extreme, EveryRadius) {
  const Volume in = test::doubles_of_type({7, 8, 40}, DType::uint8, 4);
  for (std::int64_t r = 0; r <= 18; r += r < 5 ? 1 : 4) {
    for (const Shape shape : {Shape::box, Shape::ball, Shape::cross}) {
      const double d = static_cast<double>(r);
      const Footprint footprint(shape, {d / 2, d / 3, d});
      const Extreme kernel(Extremum::min, footprint, DType::uint8);
      EXPECT_EQ(plain_extreme(in, Extremum::min, footprint, {}).bytes, filtered(in, {&kernel}, {}).bytes)
          << r;
    }
  }
}

TEST(Footprint, BallsCountTheirVoxels) {
  EXPECT_EQ(7, Footprint(Shape::ball, {1, 1, 1}).count());
  EXPECT_EQ(33, Footprint(Shape::ball, {2, 2, 2}).count());
  EXPECT_EQ(123, Footprint(Shape::ball, {3, 3, 3}).count());
  EXPECT_EQ(13, Footprint(Shape::cross, {1, 2, 3}).count());
  EXPECT_EQ(27, Footprint(Shape::box, {1, 1.5, 1.99}).count());
  EXPECT_EQ(1, Footprint(Shape::ball, {0, 0, 0}).count());
}

}  // namespace
}  // namespace vox
