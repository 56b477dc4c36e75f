#include "engine/plane_sampler.h"

#include <gtest/gtest.h>

#include <mutex>

#include "core/error.h"
#include "support/memory_volume.h"

namespace vox {
namespace {

using test::MemorySource;
using test::Volume;

/// Counts what is read, and shows chunks.
class RecordingSource : public MemorySource {
 public:
  RecordingSource(const Volume& volume, bool seekable, const Extent3& chunk)
      : MemorySource(volume, seekable), chunk_(chunk) {}

  Extent3 chunk() const override { return chunk_; }
  void read(const Box3& box, std::byte* out) override {
    {
      const std::lock_guard lock(mutex_);
      boxes.push_back(box);
    }
    MemorySource::read(box, out);
  }
  std::int64_t voxels_read() const {
    std::int64_t sum = 0;
    for (const Box3& box : boxes) sum += voxels(box.shape());
    return sum;
  }

  std::vector<Box3> boxes;

 private:
  Extent3 chunk_;
  std::mutex mutex_;
};

std::vector<std::int64_t> every(std::int64_t step, std::int64_t first, std::int64_t end) {
  std::vector<std::int64_t> indices;
  for (std::int64_t i = first; i < end; i += step) indices.push_back(i);
  return indices;
}

std::vector<std::uint16_t> expected(const Volume& volume, const VoxelGrid& grid) {
  std::vector<std::uint16_t> values;
  for (const std::int64_t z : grid.z)
    for (const std::int64_t y : grid.y)
      for (const std::int64_t x : grid.x) values.push_back(volume.at<std::uint16_t>(z, y, x));
  return values;
}

std::vector<std::uint16_t> values_of(const std::vector<std::byte>& bytes) {
  std::vector<std::uint16_t> values(bytes.size() / 2);
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

TEST(PlaneSampler, GivesTheSameVoxelsFromEverySource) {
  const Volume volume = test::random_volume({13, 17, 3000}, DType::uint16, 1);
  const std::vector<VoxelGrid> grids{{{5}, every(1, 0, 17), every(1, 0, 3000)},
                                     {every(3, 1, 13), {16}, every(7, 3, 3000)},
                                     {every(1, 0, 13), every(2, 0, 17), {2999}},
                                     {{0, 12}, {0, 1, 2, 9}, {5, 6, 7, 2000}}};
  for (const bool seekable : {true, false})
    for (const Extent3& chunk : {Extent3{1, 1, 3000}, Extent3{4, 4, 64}, Extent3{1, 17, 3000}})
      for (const int threads : {1, 3}) {
        RecordingSource source(volume, seekable, chunk);
        Resources resources;
        resources.threads = threads;
        const auto samples = sample_voxels(source, grids, resources);
        for (std::size_t i = 0; i < grids.size(); ++i)
          EXPECT_EQ(values_of(samples[i]), expected(volume, grids[i])) << i;
      }
}

TEST(PlaneSampler, ReadsTheRowsOfAPlaneAlone) {
  const Volume volume = test::random_volume({20, 30, 4000}, DType::uint16, 2);
  const auto read_for = [&](const VoxelGrid& grid) {
    RecordingSource source(volume, true, {1, 1, 4000});
    sample_voxels(source, std::span(&grid, 1), {});
    return source.voxels_read();
  };
  EXPECT_EQ(read_for({{7}, every(1, 0, 30), every(1, 0, 4000)}), 30 * 4000);
  EXPECT_EQ(read_for({every(1, 0, 20), {7}, every(1, 0, 4000)}), 20 * 4000);
  EXPECT_EQ(read_for({every(1, 0, 20), every(1, 0, 30), {7}}), 20 * 30);
  EXPECT_EQ(read_for({{7}, every(10, 0, 30), every(2, 0, 4000)}), 3 * 3999);
}

TEST(PlaneSampler, TouchesOnlyTheChunksOfAMontageOnce) {
  const Volume volume = test::random_volume({64, 48, 64}, DType::uint16, 3);
  RecordingSource source(volume, true, {8, 16, 16});
  const std::vector<VoxelGrid> grids{{{3}, every(1, 0, 48), every(1, 0, 64)},
                                     {{40}, every(1, 0, 48), every(1, 0, 64)}};
  sample_voxels(source, grids, {});
  for (const Box3& box : source.boxes) {
    EXPECT_TRUE(box.begin.z == 3 || box.begin.z == 40);
    EXPECT_EQ(box.shape().z, 1);
    EXPECT_EQ(box.begin.y % 16, 0);
    EXPECT_EQ(box.begin.x % 16, 0);
  }
  EXPECT_EQ(source.voxels_read(), 2 * 48 * 64);
  RecordingSource wide(volume, true, {8, 16, 16});
  const VoxelGrid corners{{0}, {0, 47}, {0, 63}};
  sample_voxels(wide, std::span(&corners, 1), {});
  EXPECT_EQ(wide.voxels_read(), 4);
}

TEST(PlaneSampler, APipeIsReadUpToTheLastVoxel) {
  const Volume volume = test::random_volume({20, 30, 40}, DType::uint16, 4);
  RecordingSource source(volume, false, {1, 1, 40});
  const std::vector<VoxelGrid> grids{{{9}, {3, 4}, {1}}, {{2, 9}, {4}, {0, 39}}};
  sample_voxels(source, grids, {});
  EXPECT_EQ(source.boxes.back(), (Box3{{9, 3, 0}, {10, 5, 40}}));
  EXPECT_EQ(source.voxels_read(), 3 * 40);
}

TEST(PlaneSampler, SaysWhatItNeeds) {
  const Volume volume({4, 64, 64});
  RecordingSource source(volume, true, {1, 1, 64});
  Resources resources;
  resources.memory = 4096;
  const VoxelGrid grid{{0}, every(1, 0, 64), every(1, 0, 64)};
  EXPECT_THROW(plan_sample(source, std::span(&grid, 1), 0, "do less", resources), Error);
  resources.memory = 1 << 20;
  EXPECT_EQ(plan_sample(source, std::span(&grid, 1), 0, "do less", resources).bytes_in, 8192);
}

}  // namespace
}  // namespace vox
