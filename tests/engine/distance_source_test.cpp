#include "engine/distance_source.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "core/error.h"
#include "ops/simd.h"
#include "support/memory_volume.h"

namespace vox {
namespace {

using test::MemorySink;
using test::MemorySource;
using test::Volume;

/// By definition: of each foreground voxel, the nearest of all background voxels.
std::vector<float> plain_distances(const Volume& volume) {
  const Extent3 n = volume.meta.shape;
  const Vector3 spacing = volume.meta.spacing.value_or(Vector3{1, 1, 1});
  const auto at = [&](std::int64_t i) { return Extent3{i / n.x / n.y, i / n.x % n.y, i % n.x}; };
  std::vector<Extent3> background;
  for (std::int64_t i = 0; i < volume.meta.voxel_count(); ++i)
    if (volume.bytes[static_cast<std::size_t>(i)] == std::byte{0}) background.push_back(at(i));
  std::vector<float> distances;
  for (std::int64_t i = 0; i < volume.meta.voxel_count(); ++i) {
    double least = std::numeric_limits<double>::infinity();
    const Extent3 here = at(i);
    for (const Extent3& there : background) {
      const double z = static_cast<double>(here.z - there.z) * spacing[0];
      const double y = static_cast<double>(here.y - there.y) * spacing[1];
      const double x = static_cast<double>(here.x - there.x) * spacing[2];
      least = std::min(least, z * z + y * y + x * x);
    }
    distances.push_back(static_cast<float>(std::sqrt(least)));
  }
  return distances;
}

/// Foreground but for a share of the voxels.
Volume made_up(const Extent3& shape, double background, unsigned seed) {
  Volume volume(shape, DType::uint8);
  std::mt19937_64 random(seed);
  for (std::byte& voxel : volume.bytes)
    voxel = std::uniform_real_distribution<>()(random) < background ? std::byte{0} : std::byte{7};
  return volume;
}

std::vector<float> distances_of(const Volume& volume, int threads, std::int64_t memory) {
  Resources resources;
  resources.threads = threads;
  resources.memory = memory;
  DistanceSource distances(volume.meta, "memory", resources);
  EXPECT_LE(distances.plan().peak_memory, memory);
  MemorySource source(volume, false);
  SlabSource* const sources[] = {&source};
  run_reduce(sources, distances.foreground(), resources);
  MemorySink sink(distances.meta(), false);
  run_map(distances, {}, {}, sink, resources);
  return sink.volume.values<float>();
}

void expect_equal(const std::vector<float>& expected, const std::vector<float>& got, const Volume& volume) {
  ASSERT_EQ(expected.size(), got.size());
  for (std::size_t i = 0; i < got.size(); ++i)
    ASSERT_FLOAT_EQ(expected[i], got[i]) << "voxel " << i << " of " << to_string(volume.meta.shape);
}

TEST(DistanceSource, ByDefinition) {
  const Extent3 shapes[] = {{1, 1, 1},   {1, 1, 200}, {1, 90, 1},  {80, 1, 1},
                            {1, 30, 33}, {11, 1, 70}, {6, 17, 40}, {23, 20, 15}};
  const std::optional<Vector3> spacings[] = {
      {}, Vector3{2, 1, 1}, Vector3{0.5, 0.75, 1}, Vector3{2, 0.65, 0.65}, Vector3{1e-3, 4e2, 0.7}};
  unsigned seed = 0;
  for (const Extent3& shape : shapes)
    for (const double background : {0.5, 0.05, 0.002})
      for (const auto& spacing : spacings) {
        Volume volume = made_up(shape, background, ++seed);
        volume.bytes[seed % volume.bytes.size()] = std::byte{0};
        volume.meta.spacing = spacing;
        expect_equal(plain_distances(volume), distances_of(volume, 1 + seed % 3, 1 << 26), volume);
      }
}

/// Farther than neighbours are searched: through the envelopes, in rows, columns and both.
TEST(DistanceSource, FarBackground) {
  for (const auto& spacing : {Vector3{1, 1, 1}, Vector3{1.1, 1.3, 0.9}})
    for (const Extent3& zero : {Extent3{0, 0, 0}, Extent3{2, 80, 99}, Extent3{1, 50, 20}}) {
      Volume volume({3, 90, 110}, DType::uint8);
      std::fill(volume.bytes.begin(), volume.bytes.end(), std::byte{1});
      volume.at<std::uint8_t>(zero.z, zero.y, zero.x) = 0;
      volume.at<std::uint8_t>(1, 3, 7) = 0;
      volume.meta.spacing = spacing;
      expect_equal(plain_distances(volume), distances_of(volume, 2, 1 << 24), volume);
    }
}

TEST(DistanceSource, WithoutBackgroundInfinite) {
  const Volume volume = made_up({4, 40, 50}, 0, 1);
  for (const float value : distances_of(volume, 2, 1 << 24))
    ASSERT_EQ(std::numeric_limits<float>::infinity(), value);
  const Volume empty({4, 40, 50}, DType::uint8);
  for (const float value : distances_of(empty, 2, 1 << 24)) ASSERT_EQ(0.0F, value);
}

TEST(DistanceSource, SameBitsWhateverTheThreadsMemoryAndInstructions) {
  for (const auto& spacing : {Vector3{1, 1, 1}, Vector3{1.7, 0.65, 0.65}}) {
    Volume volume = made_up({61, 43, 70}, 0.001, 5);
    for (std::int64_t z = 20; z < 61; ++z)  // and a part without background
      for (std::int64_t i = 0; i < 43 * 70; ++i) volume.at<std::uint8_t>(z, 0, i) = 1;
    volume.meta.spacing = spacing;
    const std::vector<float> expected = distances_of(volume, 1, 1 << 26);
    for (const int threads : {1, 2, 3})
      for (const std::int64_t memory : {400 << 10, 600 << 10, 2 << 20})
        ASSERT_EQ(expected, distances_of(volume, threads, memory)) << threads << " " << memory;
    const std::string level = simd_levels().back();
    for (const std::string& other : simd_levels()) {
      select_simd(other);
      ASSERT_EQ(expected, distances_of(volume, 2, 1 << 22)) << other;
    }
    select_simd(level);
  }
}

TEST(DistanceSource, RefusesPlanesThatDoNotFit) {
  VolumeMeta meta;
  meta.shape = {2, 1000, 1000};
  Resources resources;
  resources.memory = 4 << 20;
  try {
    DistanceSource(meta, "scan.tif", resources);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(ErrorKind::memory, error.kind());
    EXPECT_NE(std::string::npos, std::string(error.what()).find("use --memory ")) << error.what();
  }
}

}  // namespace
}  // namespace vox
