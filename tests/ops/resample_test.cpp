// Sizes and weights of resampled lines, and rounding at the ends of types.
#include "ops/resample/resample.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <numeric>

#include "core/error.h"
#include "ops/resample/resample_rows.h"

namespace vox {
namespace {

constexpr ResampleMethod kWeighing[] = {ResampleMethod::linear, ResampleMethod::cubic,
                                        ResampleMethod::bspline, ResampleMethod::lanczos};

VolumeMeta meta_of(const Extent3& shape, const Vector3& spacing) {
  VolumeMeta meta;
  meta.shape = shape;
  meta.dtype = DType::uint16;
  meta.spacing = spacing;
  meta.origin = Vector3{10, 20, 30};
  return meta;
}

TEST(ResampleGrid, TheBookCase) {
  const VolumeMeta meta = meta_of({86, 396, 393}, {1, 0.202, 0.202});
  ResampleWish wish;
  wish.spacing = Vector3{1, 1, 1};
  EXPECT_EQ((Extent3{86, 80, 79}), resampled_meta(meta, wish).shape);
  wish.zoom = {2, 2, 2};
  const VolumeMeta twice = resampled_meta(meta, wish);
  EXPECT_EQ((Extent3{172, 160, 159}), twice.shape);
  EXPECT_EQ((Vector3{0.5, 0.5, 0.5}), *twice.spacing);
  EXPECT_DOUBLE_EQ(9.75, (*twice.origin)[0]);
  EXPECT_DOUBLE_EQ(20 + (0.5 - 0.202) / 2, (*twice.origin)[1]);
}

TEST(ResampleGrid, HalvesRoundToEvenAndNothingVanishes) {
  const auto size = [](std::int64_t n, double zoom) {
    VolumeMeta meta;
    meta.shape = {n, 1, 1};
    ResampleWish wish;
    wish.zoom = {zoom, 1, 1};
    return resample_grid(meta, wish)[0].out;
  };
  EXPECT_EQ(2, size(5, 0.5));
  EXPECT_EQ(4, size(7, 0.5));
  EXPECT_EQ(2, size(5, 0.3));
  EXPECT_EQ(1, size(3, 0.01));
  EXPECT_THROW(size(3, 0), Error);
  EXPECT_THROW(size(3, -1), Error);
  EXPECT_THROW(size(1 << 30, 1e300), Error);
}

TEST(ResampleGrid, AShapeKeepsTheExtent) {
  ResampleWish wish;
  wish.shape = Extent3{5, 20, 7};
  const VolumeMeta meta = resampled_meta(meta_of({10, 10, 7}, {1, 2, 3}), wish);
  EXPECT_EQ((Vector3{2, 1, 3}), *meta.spacing);
  EXPECT_EQ((Vector3{10.5, 19.5, 30}), *meta.origin);
  wish.shape = Extent3{0, 1, 1};
  EXPECT_THROW(resample_grid(meta, wish), Error);
}

TEST(Taps, WeightsAddUpAndKeepRamps) {
  for (const ResampleMethod method : kWeighing) {
    for (const double ratio : {0.3, 0.5, 0.77, 1.4, 2.0, 4.95}) {
      const std::int64_t in = 200;
      const AxisGrid axis{in, static_cast<std::int64_t>(std::nearbyint(in / ratio)), ratio};
      const Taps taps(axis, method, true);
      const double gain = method == ResampleMethod::bspline ? 6 : 1;
      for (std::int64_t i = 0; i < taps.out(); ++i) {
        const Interval run = taps.run(i);
        double sum = 0;
        double centre = 0;
        for (std::int64_t k = run.begin; k < run.end; ++k) {
          sum += taps.weights(i)[k - run.begin] / gain;
          centre += taps.weights(i)[k - run.begin] / gain * static_cast<double>(k);
        }
        ASSERT_NEAR(1, sum, 1e-12);
        if (run.begin > 0 && run.end < in) {
          ASSERT_NEAR((static_cast<double>(i) + 0.5) * ratio - 0.5, centre, 1e-10);
        }
      }
    }
  }
}

TEST(Taps, AreaIsTheOverlapWithEachVoxel) {
  const Taps taps({5, 2, 2.5}, ResampleMethod::area, true);
  EXPECT_EQ((Interval{0, 3}), taps.run(0));
  EXPECT_DOUBLE_EQ(0.4, taps.weights(0)[0]);
  EXPECT_DOUBLE_EQ(0.2, taps.weights(0)[2]);
  EXPECT_EQ((Interval{2, 5}), taps.run(1));
  // Rounded sizes reach beyond the last voxel: the mean is of what there is.
  const Taps beyond({7, 4, 2}, ResampleMethod::area, true);
  EXPECT_EQ((Interval{6, 7}), beyond.run(3));
  EXPECT_DOUBLE_EQ(1, beyond.weights(3)[0]);
}

TEST(Taps, LinesAreMirroredAboutTheirFaces) {
  const std::int64_t expected[] = {2, 1, 0, 0, 1, 2, 2, 1, 0, 0};
  for (std::int64_t i = -3; i < 7; ++i) EXPECT_EQ(expected[i + 3], mirrored(i, 3));
  EXPECT_EQ(0, mirrored(-17, 1));
}

template <class T>
T weighed(DType dtype, T a, T b, double weight_a, double weight_b) {
  std::byte rows[2][sizeof(T)];
  std::memcpy(rows[0], &a, sizeof(T));
  std::memcpy(rows[1], &b, sizeof(T));
  const std::byte* const pointers[] = {rows[0], rows[1]};
  const double weights[] = {weight_a, weight_b};
  T out{};
  weigh_rows(dtype, RowForm::voxels, pointers, weights, 1, RowForm::voxels,
             reinterpret_cast<std::byte*>(&out));
  return out;
}

TEST(WeighRows, RoundsHalfToEvenAndSaturates) {
  EXPECT_EQ(2, weighed<std::uint8_t>(DType::uint8, 2, 3, 0.5, 0.5));
  EXPECT_EQ(4, weighed<std::uint8_t>(DType::uint8, 3, 4, 0.5, 0.5));
  EXPECT_EQ(255, weighed<std::uint8_t>(DType::uint8, 250, 10, 1.5, -0.5));
  EXPECT_EQ(0, weighed<std::uint8_t>(DType::uint8, 10, 250, 1.5, -0.5));
  EXPECT_EQ(-2, weighed<std::int16_t>(DType::int16, -1, -2, 0.5, 0.5));
  EXPECT_EQ(65535, weighed<std::uint16_t>(DType::uint16, 65000, 0, 1.5, -0.5));
  EXPECT_EQ(-2147483648, weighed<std::int32_t>(DType::int32, -2147483647, 0, 1.5, 0));
  EXPECT_EQ(4294967295u, weighed<std::uint32_t>(DType::uint32, 4294967295u, 0, 1.5, 0));
  EXPECT_EQ(INT64_MAX, weighed<std::int64_t>(DType::int64, INT64_MAX, 0, 1.5, 0));
  EXPECT_EQ(INT64_MIN, weighed<std::int64_t>(DType::int64, INT64_MAX, 0, -1.5, 0));
  EXPECT_EQ(0u, weighed<std::uint64_t>(DType::uint64, 7, 0, -1, 0));
  EXPECT_EQ(UINT64_MAX, weighed<std::uint64_t>(DType::uint64, UINT64_MAX, 0, 1.5, 0));
}

}  // namespace
}  // namespace vox
