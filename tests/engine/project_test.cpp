// Projections against plain loops, and the same bits however the volume comes.
#include "engine/project.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "engine/project_parts.h"
#include "ops/simd.h"
#include "support/memory_volume.h"

namespace vox {
namespace {

using test::MemorySink;
using test::MemorySource;
using test::Volume;

constexpr ProjectionMethod kMethods[] = {ProjectionMethod::max,  ProjectionMethod::min,
                                         ProjectionMethod::mean, ProjectionMethod::sum,
                                         ProjectionMethod::std,  ProjectionMethod::median};
constexpr Axis kAxes[] = {Axis::z, Axis::y, Axis::x};

Volume projected(const Volume& in, const ProjectSpec& spec, int threads = 2, std::int64_t memory = 1 << 26,
                 bool seekable = true, std::int64_t chunk_rows = 1) {
  Resources resources;
  resources.threads = threads;
  resources.memory = memory;
  auto source = std::make_unique<MemorySource>(in, seekable);
  std::unique_ptr<SlabSource> rereadable = std::move(source);
  MemorySink sink(projected_meta(in.meta, spec.method, spec.axis), false, chunk_rows);
  if (project_rereads(*rereadable, spec, &sink, resources))
    rereadable = make_rereadable(std::move(rereadable), resources);
  run_project(*rereadable, spec, sink, resources, {0, sink.meta().shape.z});
  return sink.volume;
}

/// The line through the voxel (a, b) of the plane across `axis`.
template <class T>
std::vector<T> line_of(const Volume& in, Axis axis, std::int64_t a, std::int64_t b) {
  const Extent3& shape = in.meta.shape;
  std::vector<T> line;
  for (std::int64_t i = 0; i < (axis == Axis::z ? shape.z : axis == Axis::y ? shape.y : shape.x); ++i)
    line.push_back(axis == Axis::z   ? in.at<T>(i, a, b)
                   : axis == Axis::y ? in.at<T>(a, i, b)
                                     : in.at<T>(a, b, i));
  return line;
}

double plain(std::vector<double> line, ProjectionMethod method) {
  const auto n = static_cast<double>(line.size());
  long double sum = 0;
  for (const double value : line) sum += value;
  if (method == ProjectionMethod::sum) return static_cast<double>(sum);
  if (method == ProjectionMethod::mean) return static_cast<double>(sum / n);
  std::sort(line.begin(), line.end());
  if (method == ProjectionMethod::max) return line.back();
  if (method == ProjectionMethod::min) return line.front();
  if (method == ProjectionMethod::median) return 0.5 * (line[line.size() / 2] + line[(line.size() - 1) / 2]);
  long double squares = 0;
  for (const double value : line) squares += (value - sum / n) * (value - sum / n);
  return static_cast<double>(std::sqrt(squares / n));
}

double value_at(const Volume& volume, std::int64_t i) {
  return visit_dtype(volume.meta.dtype, [&](auto type) {
    return as_double(volume.values<typename decltype(type)::type>()[static_cast<std::size_t>(i)]);
  });
}

void put_nan(Volume& volume, std::size_t i) {
  visit_dtype(volume.meta.dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    if constexpr (is_float_type<T>)
      reinterpret_cast<T*>(volume.bytes.data())[i] = T(std::numeric_limits<float>::quiet_NaN());
  });
}

/// A third of the voxels are NaN, and one line has nothing else.
TEST(Project, LeavesOutNaNWhereAsked) {
  constexpr std::int64_t kLines = 35;
  for (const DType dtype : {DType::float16, DType::float32, DType::float64}) {
    Volume in = test::random_volume({6, 7, 5}, dtype, 9);
    for (std::size_t i = 0; i < 6 * kLines; ++i)
      if (i % 3 == 0 || i % kLines == 17) put_nan(in, i);
    for (const ProjectionMethod method :
         {ProjectionMethod::max, ProjectionMethod::min, ProjectionMethod::mean}) {
      const Volume got = projected(in, {method, Axis::z, NanRule::leave_out});
      for (std::int64_t i = 0; i < kLines; ++i) {
        std::vector<double> known;
        for (std::int64_t z = 0; z < 6; ++z)
          if (const double value = value_at(in, z * kLines + i); !std::isnan(value)) known.push_back(value);
        if (i == 17)
          EXPECT_TRUE(known.empty() && std::isnan(value_at(got, i)));
        else
          EXPECT_NEAR(value_at(got, i), plain(known, method), 1e-6 * std::abs(plain(known, method))) << i;
      }
      for (const Axis axis : {Axis::y, Axis::x}) {
        const ProjectSpec spec{method, axis, NanRule::leave_out};
        EXPECT_TRUE(projected(in, spec).bytes == projected(in, spec, 1, 1 << 20, false).bytes);
        EXPECT_FALSE(std::isnan(value_at(projected(in, spec), 0)));
      }
    }
  }
}

TEST(Project, EqualsPlainLoopsForEveryTypeMethodAxisAndShape) {
  for (const DType dtype : kAllDTypes) {
    for (const Extent3 shape : {Extent3{1, 1, 1}, Extent3{6, 37, 5}, Extent3{11, 3, 70}}) {
      Volume in = test::random_volume(shape, dtype, 4);
      for (std::size_t i = 7; i < in.bytes.size() && size_of(dtype) == 8 && !is_float(dtype); i += 8)
        in.bytes[i] = std::byte{1};  // so that sums fit
      for (const ProjectionMethod method : kMethods) {
        for (const Axis axis : kAxes) {
          const Volume got = projected(in, {method, axis});
          const std::int64_t across = axis == Axis::x ? shape.y : shape.x;
          for (std::int64_t i = 0; i < got.meta.voxel_count(); ++i) {
            std::vector<double> line;
            visit_dtype(dtype, [&](auto type) {
              for (const auto value :
                   line_of<typename decltype(type)::type>(in, axis, i / across, i % across))
                line.push_back(as_double(value));
            });
            const double expected = plain(line, method);
            ASSERT_NEAR(expected, value_at(got, i), 1e-6 * std::abs(expected))
                << dtype_name(dtype) << " method " << static_cast<int>(method) << " axis "
                << static_cast<int>(axis) << " at " << i;
          }
        }
      }
    }
  }
}

TEST(Project, BitsDoNotDependOnThreadsMemoryPipesOrVectors) {
  for (const DType dtype : {DType::uint16, DType::int64, DType::float16, DType::float32}) {
    Volume in = test::random_volume({23, 66, 45}, dtype, 5);
    for (std::size_t i = 7; i < in.bytes.size() && dtype == DType::int64; i += 8) in.bytes[i] = std::byte{1};
    for (const ProjectionMethod method : kMethods) {
      for (const Axis axis : kAxes) {
        const Volume expected = projected(in, {method, axis});
        for (const std::string& level : simd_levels()) {
          select_simd(level);
          for (const bool seekable : {true, false})
            EXPECT_EQ(expected.bytes, projected(in, {method, axis}, 3, 300 << 10, seekable).bytes);
          EXPECT_EQ(expected.bytes, projected(in, {method, axis}, 1).bytes);
        }
      }
    }
  }
}

TEST(Project, PartsInTilesMakeTheWhole) {
  const Volume in = test::random_volume({9, 77, 103}, DType::float64, 6);
  Resources resources;
  resources.threads = 2;
  resources.memory = 60 << 10;  // a plane takes more
  for (const Axis axis : {Axis::y, Axis::x})
    for (const ProjectionMethod method : kMethods) {
      const ProjectSpec spec{method, axis};
      const Volume expected = projected(in, spec);
      Volume all(expected.meta.shape, expected.meta.dtype);
      for (const Interval& planes : {Interval{0, 4}, {4, 4}, {4, 5}, {5, 9}}) {
        MemorySource source(in, true);
        MemorySink sink(expected.meta, false);
        EXPECT_TRUE(project_rereads(source, spec, &sink, resources));
        sink.expect_from(planes.begin);
        run_project(source, spec, sink, resources, planes);
        std::copy_n(sink.volume.bytes.data() + planes.begin * expected.meta.plane_bytes(),
                    planes.size() * expected.meta.plane_bytes(),
                    all.bytes.data() + planes.begin * expected.meta.plane_bytes());
      }
      EXPECT_EQ(expected.bytes, all.bytes);
    }
}

TEST(Project, PartsMakeTheWholeAndReadTheirOwnPlanes) {
  const Volume in = test::random_volume({11, 12, 13}, DType::uint16, 9);
  Resources resources;
  resources.threads = 2;
  for (const Axis axis : {Axis::y, Axis::x})
    for (const ProjectionMethod method : kMethods) {
      const ProjectSpec spec{method, axis};
      const Volume expected = projected(in, spec);
      const VolumeMeta meta = projected_meta(in.meta, method, axis);
      for (const Interval& planes : {Interval{0, 11}, {0, 0}, {0, 4}, {4, 5}, {5, 11}}) {
        MemorySource source(in, true);
        MemorySink sink(meta, false);
        EXPECT_EQ(planes.size() * in.meta.plane_bytes(),
                  plan_project(source, spec, &sink, resources, planes).bytes_in);
        sink.expect_from(planes.begin);
        run_project(source, spec, sink, resources, planes);
        EXPECT_TRUE(std::equal(sink.volume.bytes.begin() + planes.begin * meta.plane_bytes(),
                               sink.volume.bytes.begin() + planes.end * meta.plane_bytes(),
                               expected.bytes.begin() + planes.begin * meta.plane_bytes()));
      }
    }
}

TEST(Project, TilesOfPlanesThatDoNotFitGiveTheSameBits) {
  for (const DType dtype : {DType::uint8, DType::float32, DType::float64}) {
    const Volume in = test::random_volume({9, 77, 103}, dtype, 6);
    for (const ProjectionMethod method : kMethods) {
      for (const Axis axis : kAxes) {
        const Volume expected = projected(in, {method, axis});
        const std::int64_t rows = axis == Axis::z ? 8 : 1;
        int fitted = 0;
        for (const std::int64_t memory : {6 << 10, 12 << 10, 24 << 10, 48 << 10, 60 << 10}) {
          for (const bool seekable : {true, false}) {
            try {
              EXPECT_EQ(expected.bytes, projected(in, {method, axis}, 2, memory, seekable, rows).bytes);
              ++fitted;
            } catch (const Error& error) {
              EXPECT_EQ(ErrorKind::memory, error.kind());
            }
          }
        }
        EXPECT_GT(fitted, 2) << dtype_name(dtype) << " method " << static_cast<int>(method) << " axis "
                             << static_cast<int>(axis);
      }
    }
  }
}

TEST(Project, NanMakesItsLineNanAndInfinitiesCount) {
  Volume in({3, 1, 4}, DType::float32);
  const float inf = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float columns[4][3] = {{nan, 1, 2}, {1, nan, 2}, {1, inf, 2}, {-inf, inf, 2}};
  for (int x = 0; x < 4; ++x)
    for (int z = 0; z < 3; ++z) in.at<float>(z, 0, x) = columns[x][z];
  for (const ProjectionMethod method : kMethods) {
    const Volume got = projected(in, {method, Axis::z});
    EXPECT_TRUE(std::isnan(value_at(got, 0)) && std::isnan(value_at(got, 1))) << static_cast<int>(method);
  }
  EXPECT_EQ(inf, value_at(projected(in, {ProjectionMethod::max, Axis::z}), 2));
  EXPECT_EQ(2, value_at(projected(in, {ProjectionMethod::median, Axis::z}), 2));
  EXPECT_EQ(inf, value_at(projected(in, {ProjectionMethod::mean, Axis::z}), 2));
  EXPECT_TRUE(std::isnan(value_at(projected(in, {ProjectionMethod::sum, Axis::z}), 3)));
}

TEST(Project, SumsLoseNothing) {
  Volume in({4, 1, 1}, DType::float64);
  const double terms[4] = {1e16, 1.0, 1.0, -1e16};
  for (int z = 0; z < 4; ++z) in.at<double>(z, 0, 0) = terms[z];
  EXPECT_EQ(2.0, value_at(projected(in, {ProjectionMethod::sum, Axis::z}), 0));
  Volume level({3, 1, 1}, DType::uint64);
  for (int z = 0; z < 3; ++z) level.at<std::uint64_t>(z, 0, 0) = 6148914691236517205u;
  EXPECT_EQ(18446744073709551615u,
            projected(level, {ProjectionMethod::sum, Axis::z}).at<std::uint64_t>(0, 0, 0));
  level.at<std::uint64_t>(0, 0, 0) += 3;
  EXPECT_THROW(projected(level, {ProjectionMethod::sum, Axis::z}), Error);
  EXPECT_NEAR(std::sqrt(2.0), value_at(projected(level, {ProjectionMethod::std, Axis::z}), 0), 1e-6);
}

TEST(Project, GeometryAndValueMapFollow) {
  VolumeMeta meta;
  meta.shape = {10, 4, 5};
  meta.dtype = DType::int16;
  meta.spacing = Vector3{2, 1, 1};
  meta.origin = Vector3{100, 0, 7};
  meta.value_map = ValueMap{-2, 3};
  meta.kind = Kind::labels;
  const VolumeMeta largest = projected_meta(meta, ProjectionMethod::max, Axis::z);
  EXPECT_EQ((Extent3{1, 4, 5}), largest.shape);
  EXPECT_EQ((Vector3{20, 1, 1}), *largest.spacing);
  EXPECT_EQ((Vector3{109, 0, 7}), *largest.origin);
  EXPECT_EQ(Kind::labels, largest.kind);
  EXPECT_EQ((ValueMap{-2, 3}), *largest.value_map);
  const VolumeMeta sum = projected_meta(meta, ProjectionMethod::sum, Axis::x);
  EXPECT_EQ((ValueMap{-2, 15}), *sum.value_map);
  EXPECT_EQ(Kind::intensity, sum.kind);
  EXPECT_EQ((Vector3{100, 0, 9}), *sum.origin);
  EXPECT_EQ((ValueMap{2, 0}), *projected_meta(meta, ProjectionMethod::std, Axis::y).value_map);
}

TEST(Project, TooLittleMemoryIsSaid) {
  const Volume in = test::random_volume({4, 300, 300}, DType::uint16, 6);
  for (const Axis axis : kAxes) {
    try {
      projected(in, {ProjectionMethod::mean, axis}, 2, 1 << 10, false);
      ADD_FAILURE() << "axis " << static_cast<int>(axis);
    } catch (const Error& error) {
      EXPECT_EQ(ErrorKind::memory, error.kind()) << error.what();
    }
  }
}

/// By parts that know nothing of each other but what they keep, taken by one that has looked at nothing.
Volume in_parts(const Volume& in, const ProjectSpec& spec, std::int64_t count) {
  const MemorySink like(projected_meta(in.meta, spec.method, spec.axis), false, 1);
  MemorySource none(in, true);
  ProjectParts all(none, spec, {});
  for (std::int64_t k = 0; k < count; ++k) {
    MemorySource source(in, true);
    ProjectParts part(source, spec, {});
    part.look({in.meta.shape.z * k / count, in.meta.shape.z * (k + 1) / count});
    KeptState kept;
    part.keep(kept);
    KeptState state(kept.bytes());
    all.take(state);
    state.check_end();
  }
  MemorySink sink(like.meta(), false, 1);
  all.write(sink);
  return sink.volume;
}

TEST(Project, PartsAddUpToTheSameBits) {
  unsigned seed = 50;
  for (const DType dtype : kAllDTypes)
    for (const ProjectionMethod method : kMethods) {
      const ProjectSpec spec{method, Axis::z};
      Volume in = test::random_volume({9, 130, 140}, dtype, ++seed);
      if (is_float(dtype))
        for (const std::size_t i : {std::size_t{0}, std::size_t{20'000}, std::size_t{90'001}}) put_nan(in, i);
      if (method == ProjectionMethod::sum && size_of(dtype) == 8) continue;  // of random bits they exceed 64
      const bool extreme = method == ProjectionMethod::max || method == ProjectionMethod::min;
      const bool whole_sums =
          method == ProjectionMethod::std ? size_of(dtype) <= 2 : method != ProjectionMethod::median;
      ASSERT_EQ(extreme || (whole_sums && !is_float(dtype)), ProjectParts::can_share(in.meta, spec));
      if (!ProjectParts::can_share(in.meta, spec)) continue;
      const Volume expected = projected(in, spec);
      for (const std::int64_t count : {1, 2, 7, 12})
        EXPECT_EQ(expected.bytes, in_parts(in, spec, count).bytes) << dtype_name(dtype) << count;
    }
}

}  // namespace
}  // namespace vox
