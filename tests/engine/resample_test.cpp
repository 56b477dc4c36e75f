// Resampled volumes against plain sums of weights, and the same bits however the volume comes.
#include "engine/resample.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <map>

#include "core/error.h"
#include "ops/simd.h"
#include "support/memory_volume.h"

namespace vox {
namespace {

using test::MemorySink;
using test::MemorySource;
using test::Volume;

constexpr ResampleMethod kMethods[] = {
    ResampleMethod::nearest, ResampleMethod::linear, ResampleMethod::cubic, ResampleMethod::bspline,
    ResampleMethod::lanczos, ResampleMethod::area,   ResampleMethod::mode};

struct Case {
  ResampleMethod method = ResampleMethod::linear;
  Vector3 zoom{1, 1, 1};
  bool antialias = true;
};

ResampleWish wish_of(const Case& wanted) {
  ResampleWish wish;
  wish.zoom = wanted.zoom;
  return wish;
}

/// True when it had to work in bands of rows.
bool run_into(MemorySink& sink, const Volume& in, const Case& wanted, Resources& resources, bool seekable) {
  const Resample resample(wanted.method, wanted.antialias, in.meta.dtype,
                          resample_grid(in.meta, wish_of(wanted)));
  std::unique_ptr<SlabSource> source = std::make_unique<MemorySource>(in, seekable);
  const bool rereads = resample_rereads(*source, resample, &sink, resources);
  if (rereads) source = make_rereadable(std::move(source), resources);
  run_resample(*source, resample, sink, resources, {0, resample.out().z});
  return rereads;
}

Volume resampled(const Volume& in, const Case& wanted, int threads = 2, std::int64_t memory = 1 << 28,
                 bool seekable = true) {
  Resources resources;
  resources.threads = threads;
  resources.memory = memory;
  MemorySink sink(resampled_meta(in.meta, wish_of(wanted)), false);
  run_into(sink, in, wanted, resources, seekable);
  return sink.volume;
}

/// Every part alone, into a volume of its own, of which only its planes are taken.
Volume resampled_in_parts(const Volume& in, const Case& wanted, std::int64_t parts,
                          const Resources& resources, bool takes_any) {
  const VolumeMeta meta = resampled_meta(in.meta, wish_of(wanted));
  const Resample resample(wanted.method, wanted.antialias, in.meta.dtype,
                          resample_grid(in.meta, wish_of(wanted)));
  Volume all(meta.shape, meta.dtype);
  for (std::int64_t part = 0; part < parts; ++part) {
    const Interval planes{meta.shape.z * part / parts, meta.shape.z * (part + 1) / parts};
    MemorySource source(in, true);
    MemorySink sink(meta, takes_any);
    const PassPlan plan = plan_resample(source, resample, &sink, resources, planes);
    EXPECT_EQ(planes.size() * meta.plane_bytes(), plan.bytes_out);
    EXPECT_LE(plan.bytes_in, in.meta.bytes());
    sink.expect_from(planes.begin);
    run_resample(source, resample, sink, resources, planes);
    std::copy_n(sink.volume.bytes.data() + planes.begin * meta.plane_bytes(),
                planes.size() * meta.plane_bytes(), all.bytes.data() + planes.begin * meta.plane_bytes());
  }
  return all;
}

/// A line of double values through the definition: the spline by its full prefilter.
std::vector<double> plain_line(std::vector<double> line, const AxisGrid& axis, const Case& wanted) {
  if (axis.identity()) return line;
  const auto n = static_cast<std::int64_t>(line.size());
  if (wanted.method == ResampleMethod::bspline) {
    std::vector<double> filtered(line.size());
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t k = -60; k <= 60; ++k)
        filtered[static_cast<std::size_t>(i)] += std::sqrt(3.0) / 6 * std::pow(kSplinePole, std::abs(k)) *
                                                 line[static_cast<std::size_t>(mirrored(i + k, n))];
    line = filtered;
  }
  const Taps taps(axis, wanted.method, wanted.antialias);
  std::vector<double> out;
  for (std::int64_t i = 0; i < axis.out; ++i) {
    double sum = 0;
    for (std::int64_t k = taps.run(i).begin; k < taps.run(i).end; ++k)
      sum += (wanted.method == ResampleMethod::nearest ? 1 : taps.weights(i)[k - taps.run(i).begin]) *
             line[static_cast<std::size_t>(k)];
    out.push_back(sum);
  }
  return out;
}

std::vector<double> plain(const Volume& in, const Case& wanted) {
  const ResampleGrid grid = resample_grid(in.meta, wish_of(wanted));
  std::array<std::int64_t, 3> shape{in.meta.shape.z, in.meta.shape.y, in.meta.shape.x};
  std::vector<double> values;
  for (const float value : in.values<float>()) values.push_back(static_cast<double>(value));
  for (std::size_t axis = 0; axis < 3; ++axis) {
    auto next = shape;
    next[axis] = grid[axis].out;
    std::vector<double> result(static_cast<std::size_t>(next[0] * next[1] * next[2]));
    const auto at = [](const std::array<std::int64_t, 3>& size, const std::array<std::int64_t, 3>& i) {
      return static_cast<std::size_t>((i[0] * size[1] + i[1]) * size[2] + i[2]);
    };
    auto lines = shape;
    lines[axis] = 1;
    for (std::int64_t number = 0; number < lines[0] * lines[1] * lines[2]; ++number) {
      std::array<std::int64_t, 3> i{number / (lines[1] * lines[2]), number / lines[2] % lines[1],
                                    number % lines[2]};
      std::vector<double> line;
      for (i[axis] = 0; i[axis] < shape[axis]; ++i[axis]) line.push_back(values[at(shape, i)]);
      const std::vector<double> made = plain_line(line, grid[axis], wanted);
      for (i[axis] = 0; i[axis] < next[axis]; ++i[axis])
        result[at(next, i)] = made[static_cast<std::size_t>(i[axis])];
    }
    values = result;
    shape = next;
  }
  return values;
}

constexpr Vector3 kZooms[] = {{2, 1, 1},   {1, 1.7, 1}, {1, 1, 0.4},   {0.5, 0.5, 0.5},
                              {3, 2, 1.3}, {0.3, 1, 2}, {1.3, 0.6, 1}, {0.45, 0.8, 0.31}};

TEST(Resample, EqualsPlainSumsForEveryMethodAndShape) {
  for (const Extent3 shape : {Extent3{1, 1, 1}, Extent3{45, 6, 7}, Extent3{3, 19, 34}}) {
    const Volume in = test::random_volume(shape, DType::float32, 8);
    for (const ResampleMethod method : kMethods) {
      if (method == ResampleMethod::mode) continue;
      for (const Vector3& zoom : kZooms) {
        for (const bool antialias : {true, false}) {
          const Case wanted{method, zoom, antialias};
          const std::vector<double> expected = plain(in, wanted);
          const std::vector<float> got = resampled(in, wanted).values<float>();
          ASSERT_EQ(expected.size(), got.size());
          for (std::size_t i = 0; i < got.size(); ++i)
            ASSERT_NEAR(expected[i], static_cast<double>(got[i]), 2e-3)
                << to_string(shape) << " method " << static_cast<int>(method) << " zoom " << zoom[0] << ","
                << zoom[1] << "," << zoom[2] << " at " << i;
        }
      }
    }
  }
}

TEST(Resample, ModeIsTheMostFrequentVoxelOfTheBox) {
  Volume in = test::random_volume({9, 10, 11}, DType::uint8, 9);
  for (std::byte& voxel : in.bytes) voxel &= std::byte{3};
  const Case wanted{ResampleMethod::mode, {0.4, 0.5, 0.3}, true};
  const ResampleGrid grid = resample_grid(in.meta, wish_of(wanted));
  const Volume got = resampled(in, wanted);
  const auto inside = [&](std::size_t axis, std::int64_t out, std::int64_t voxel) {
    const double centre = (static_cast<double>(voxel) + 0.5) / grid[axis].ratio;
    return centre >= static_cast<double>(out) && centre < static_cast<double>(out + 1);
  };
  for (std::int64_t z = 0; z < grid[0].out; ++z)
    for (std::int64_t y = 0; y < grid[1].out; ++y)
      for (std::int64_t x = 0; x < grid[2].out; ++x) {
        std::map<int, int> counts;
        for (std::int64_t k = 0; k < 9 * 10 * 11; ++k)
          if (inside(0, z, k / 110) && inside(1, y, k / 11 % 10) && inside(2, x, k % 11))
            ++counts[in.at<std::uint8_t>(k / 110, k / 11 % 10, k % 11)];
        int best = counts.begin()->first;
        for (const auto& [value, count] : counts)
          if (count > counts[best]) best = value;
        ASSERT_EQ(best, got.at<std::uint8_t>(z, y, x));
      }
}

TEST(Resample, BitsDoNotDependOnThreadsMemoryPipesOrVectors) {
  for (const DType dtype : {DType::uint8, DType::uint16, DType::int64, DType::float32}) {
    const Volume in = test::random_volume({41, 18, 21}, dtype, 5);
    for (const ResampleMethod method : kMethods) {
      for (const Vector3& zoom : kZooms) {
        const Volume expected = resampled(in, {method, zoom, true});
        for (const std::string& level : simd_levels()) {
          select_simd(level);
          EXPECT_EQ(expected.bytes, resampled(in, {method, zoom, true}, 3, 2 << 20, false).bytes)
              << dtype_name(dtype) << " method " << static_cast<int>(method);
          EXPECT_EQ(expected.bytes, resampled(in, {method, zoom, true}, 1, 1 << 21).bytes);
        }
      }
    }
  }
}

TEST(Resample, PartsMakeTheWhole) {
  Resources resources;
  resources.threads = 2;
  for (const DType dtype : {DType::uint16, DType::float32}) {
    const Volume in = test::random_volume({97, 6, 7}, dtype, 8);
    for (const ResampleMethod method : kMethods)
      for (const double zoom : {0.3, 1.0, 1.8}) {
        const Case wanted{method, {zoom, 1.5, 1}, true};
        const Volume expected = resampled(in, wanted);
        for (const std::int64_t parts : {1, 2, 3, 7, 200})
          ASSERT_EQ(expected.bytes, resampled_in_parts(in, wanted, parts, resources, false).bytes)
              << static_cast<int>(method) << " by " << zoom << " in " << parts;
      }
  }
}

TEST(Resample, PartsInBandsMakeTheWhole) {
  const Volume in = test::random_volume({40, 150, 40}, DType::uint16, 16);
  for (const ResampleMethod method : {ResampleMethod::linear, ResampleMethod::cubic, ResampleMethod::area}) {
    const Case wanted{method, {0.7, 1.2, 1.1}, true};
    const Volume expected = resampled(in, wanted);
    const Resample resample(method, true, DType::uint16, resample_grid(in.meta, wish_of(wanted)));
    Resources resources;
    resources.memory = 120 << 10;
    for (const bool takes_any : {true, false}) {
      MemorySink sink(expected.meta, takes_any);
      EXPECT_TRUE(resample_rereads(MemorySource(in, true), resample, &sink, resources));
      EXPECT_EQ(expected.bytes, resampled_in_parts(in, wanted, 3, resources, takes_any).bytes);
    }
  }
}

TEST(Resample, BandsOfRowsGiveTheSameBits) {
  for (const DType dtype : {DType::uint16, DType::float32}) {
    const Volume in = test::random_volume({4, 201, 10}, dtype, 15);
    for (const ResampleMethod method : kMethods) {
      for (const Vector3& zoom :
           {Vector3{2, 1.3, 1}, Vector3{1, 1, 2}, Vector3{0.5, 0.5, 0.5}, Vector3{2, 1, 1}}) {
        const Case wanted{method, zoom, true};
        const Volume expected = resampled(in, wanted);
        const Resample resample(method, true, dtype, resample_grid(in.meta, wish_of(wanted)));
        Resources resources;
        resources.threads = 1;
        resources.memory = 1;
        std::int64_t least = 0;
        for (std::int64_t more = 1 << 10; least == 0; more += more / 8) {
          resources.memory = more;
          MemorySink sink(resampled_meta(in.meta, wish_of(wanted)), true);
          try {
            resample_rereads(MemorySource(in, true), resample, &sink, resources);
            least = more;
          } catch (const Error&) {
          }
        }
        for (const bool takes_any : {true, false}) {
          for (const std::int64_t memory : {least, least + least / 4}) {
            resources.memory = memory;
            MemorySink sink(resampled_meta(in.meta, wish_of(wanted)), takes_any);
            EXPECT_TRUE(run_into(sink, in, wanted, resources, true));
            EXPECT_EQ(expected.bytes, sink.volume.bytes)
                << dtype_name(dtype) << " method " << static_cast<int>(method) << " zoom " << zoom[0] << ","
                << zoom[1] << "," << zoom[2];
          }
        }
      }
    }
  }
}

TEST(Resample, BandsKeepToTheRowsOfASink) {
  const Volume in = test::random_volume({4, 150, 40}, DType::uint16, 16);
  const Case wanted{ResampleMethod::cubic, {1.5, 1.2, 1.1}, true};
  const Volume expected = resampled(in, wanted);
  Resources resources;
  resources.memory = 120 << 10;
  MemorySink sink(resampled_meta(in.meta, wish_of(wanted)), true, 16);
  EXPECT_TRUE(run_into(sink, in, wanted, resources, false));
  EXPECT_EQ(expected.bytes, sink.volume.bytes);
}

TEST(Resample, IdentityIsExactForEveryTypeAndMethod) {
  for (const DType dtype : kAllDTypes) {
    const Volume in = test::random_volume({3, 7, 9}, dtype, 6);
    for (const ResampleMethod method : kMethods) EXPECT_EQ(in.bytes, resampled(in, {method}).bytes);
  }
}

TEST(Resample, NanReachesAsFarAsTheKernel) {
  Volume in({1, 1, 40}, DType::float32);
  in.at<float>(0, 0, 20) = std::numeric_limits<float>::quiet_NaN();
  const auto nans = [&](ResampleMethod method) {
    const std::vector<float> out = resampled(in, {method, {1, 1, 2}, true}).values<float>();
    return std::count_if(out.begin(), out.end(), [](float value) { return std::isnan(value); });
  };
  EXPECT_EQ(2, nans(ResampleMethod::nearest));
  EXPECT_EQ(4, nans(ResampleMethod::linear));
  EXPECT_EQ(8, nans(ResampleMethod::cubic));
  EXPECT_EQ(12, nans(ResampleMethod::lanczos));
  EXPECT_EQ(80, nans(ResampleMethod::bspline));
  EXPECT_EQ(2, nans(ResampleMethod::area));
}

TEST(Resample, TooLittleMemoryIsSaid) {
  const Volume in = test::random_volume({4, 200, 200}, DType::uint16, 7);
  try {
    resampled(in, {ResampleMethod::linear, {2, 2, 2}, true}, 2, 30 << 10);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(ErrorKind::memory, error.kind());
    EXPECT_NE(std::string::npos, std::string(error.what()).find("--memory"));
  }
}

}  // namespace
}  // namespace vox
