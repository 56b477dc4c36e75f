// Shares of a pyramid, each made alone, make the whole.
#include "engine/pyramid_share.h"

#include <gtest/gtest.h>

#include "engine/pyramid.h"
#include "support/memory_volume.h"

namespace vox {
namespace {

using test::MemorySource;
using test::Volume;

/// Levels as bytes; a voxel that was put twice counts.
class MemoryLevels : public LevelSink {
 public:
  MemoryLevels(const std::vector<Extent3>& shapes, DType dtype) {
    for (const Extent3& shape : shapes) levels.emplace_back(shape, dtype);
    for (const Extent3& shape : shapes) times.emplace_back(static_cast<std::size_t>(shape.z * shape.y), 0);
  }
  void put(std::size_t level, const Box3& box, std::span<const std::byte> voxels) override {
    const std::lock_guard lock(mutex_);
    Volume& volume = levels[level];
    const std::byte* from = voxels.data();
    for (std::int64_t z = box.begin.z; z < box.end.z; ++z)
      for (std::int64_t y = box.begin.y; y < box.end.y; ++y, from += volume.meta.row_bytes()) {
        const std::int64_t row = z * volume.meta.shape.y + y;
        std::copy_n(from, volume.meta.row_bytes(), volume.bytes.data() + row * volume.meta.row_bytes());
        ++times[level][static_cast<std::size_t>(row)];
      }
  }
  void finish() override {}

  std::vector<Volume> levels;
  std::vector<std::vector<int>> times;  ///< that each row was put

 private:
  std::mutex mutex_;
};

struct Case {
  ShrinkMethod method;
  std::vector<Extent3> steps;
};

PyramidSpec spec_of(const Case& wanted) {
  PyramidSpec spec;
  spec.method = wanted.method;
  spec.steps = wanted.steps;
  return spec;
}

/// What each of `parts` puts of a level of `depth` planes: any cut of it is allowed.
Interval cut(std::int64_t depth, std::int64_t part, std::int64_t parts, std::int64_t level) {
  const std::int64_t unit = level + 1;
  const std::int64_t units = (depth - 1) / unit + 1;
  return {std::min(depth, units * part / parts * unit), std::min(depth, units * (part + 1) / parts * unit)};
}

void expect_shares_make_the_whole(const Case& wanted, const Extent3& shape, std::int64_t memory,
                                  std::int64_t parts) {
  const Volume volume = test::random_volume(shape, DType::int16, 7);
  const std::vector<Shrink> shrinks = pyramid_shrinks(wanted.method, DType::int16, wanted.steps);
  const std::vector<Extent3> shapes = pyramid_shapes(shape, shrinks);
  Resources resources;
  resources.memory = std::int64_t{64} << 20;
  PyramidSpec spec = spec_of(wanted);
  MemoryLevels whole(shapes, DType::int16), shared(shapes, DType::int16);
  MemorySource source(volume, true);
  run_pyramid(source, spec, whole, 0, resources);
  resources.memory = memory;
  for (std::int64_t part = 0; part < parts; ++part) {
    std::vector<Interval> put;
    for (std::size_t level = 0; level < shapes.size(); ++level)
      put.push_back(cut(shapes[level].z, part, parts, static_cast<std::int64_t>(level)));
    spec.share = pyramid_share(shrinks, shapes, put);
    run_pyramid(source, spec, shared, 0, resources);
  }
  for (std::size_t level = 0; level < shapes.size(); ++level) {
    EXPECT_EQ(whole.levels[level].bytes, shared.levels[level].bytes) << level << " of " << to_string(shape);
    for (const int times : shared.times[level]) EXPECT_EQ(1, times);
  }
}

const Case kCases[] = {{ShrinkMethod::mean, {{2, 2, 2}, {2, 2, 2}, {2, 2, 2}}},
                       {ShrinkMethod::gaussian, {{2, 2, 2}, {2, 2, 2}, {2, 2, 2}}},
                       {ShrinkMethod::gaussian, {{1, 2, 2}, {3, 1, 2}, {2, 2, 1}}},
                       {ShrinkMethod::nearest, {{3, 2, 2}, {2, 3, 2}, {5, 1, 1}}},
                       {ShrinkMethod::mode, {{1, 2, 2}, {2, 2, 2}}},
                       {ShrinkMethod::max, {{3, 3, 3}, {3, 3, 3}}}};

TEST(PyramidShare, SharesPutEveryVoxelOnceWithTheSameBits) {
  for (const Case& wanted : kCases)
    for (const Extent3& shape : {Extent3{1, 9, 8}, Extent3{23, 10, 7}, Extent3{64, 5, 6}, Extent3{37, 33, 3}})
      for (const std::int64_t parts : {1, 2, 3, 7})
        expect_shares_make_the_whole(wanted, shape, std::int64_t{64} << 20, parts);
}

TEST(PyramidShare, PlanesThatDoNotFitAreMadeByRows) {
  for (const Case& wanted : kCases)
    for (const std::int64_t parts : {1, 3, 7})
      expect_shares_make_the_whole(wanted, {29, 200, 40}, std::int64_t{70} << 10, parts);
}

TEST(PyramidShare, ReadsNoMoreThanItNeeds) {
  const std::vector<Shrink> mean = pyramid_shrinks(ShrinkMethod::mean, DType::uint8, {{2, 2, 2}, {2, 2, 2}});
  const std::vector<Extent3> shapes = pyramid_shapes({64, 8, 8}, mean);
  const PyramidShare aligned = pyramid_share(mean, shapes, {{16, 32}, {8, 16}, {4, 8}});
  EXPECT_EQ((Interval{16, 32}), aligned[0].made);
  const PyramidShare behind = pyramid_share(mean, shapes, {{16, 32}, {}, {0, 8}});
  EXPECT_EQ((Interval{0, 32}), behind[0].made);
  EXPECT_EQ((Interval{0, 16}), behind[1].made);
  const PyramidShare nothing = pyramid_share(mean, shapes, {{}, {}, {}});
  EXPECT_EQ(0, nothing[0].made.size());
  const std::vector<Shrink> gaussian =
      pyramid_shrinks(ShrinkMethod::gaussian, DType::uint8, {{2, 2, 2}, {2, 2, 2}});
  const PyramidShare halo = pyramid_share(gaussian, shapes, {{16, 32}, {8, 16}, {4, 8}});
  EXPECT_EQ((Interval{7, 17}), halo[1].made);
  EXPECT_EQ((Interval{13, 35}), halo[0].made);
}

}  // namespace
}  // namespace vox
