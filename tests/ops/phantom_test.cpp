#include "ops/phantom/phantom.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "ops/phantom/foam.h"
#include "ops/phantom/noise.h"
#include "ops/phantom/patterns.h"
#include "ops/phantom/store.h"
#include "ops/simd.h"

namespace vox {
namespace {

using Bytes = std::vector<std::byte>;

Bytes filled(const PhantomEntry& entry, const PhantomSettings& settings, const Box3& box) {
  Bytes bytes(static_cast<std::size_t>(voxels(box.shape()) * size_of(settings.dtype)));
  fill_phantom(entry, *entry.make(settings), settings, dense_block(bytes.data(), settings.dtype, box));
  return bytes;
}

const PhantomEntry& entry_named(std::string_view name) {
  const auto found =
      std::find_if(phantoms().begin(), phantoms().end(), [&](auto& entry) { return entry.name == name; });
  return *found;
}

/// The part `inner` of the dense voxels of `outer`.
Bytes cut(const Bytes& bytes, const Box3& outer, const Box3& inner, std::int64_t size) {
  const Extent3 shape = outer.shape();
  Bytes result;
  for (std::int64_t z = inner.begin.z - outer.begin.z; z < inner.end.z - outer.begin.z; ++z)
    for (std::int64_t y = inner.begin.y - outer.begin.y; y < inner.end.y - outer.begin.y; ++y) {
      const auto* row = bytes.data() + ((z * shape.y + y) * shape.x + inner.begin.x - outer.begin.x) * size;
      result.insert(result.end(), row, row + inner.shape().x * size);
    }
  return result;
}

/// The foam's formula over all bubbles of the surrounding 5^3 cells, without chords or cut-offs.
float foam_by_formula(std::uint64_t seed, const Extent3& at) {
  std::vector<float> all;
  for (std::int64_t cz = at.z / kFoamCell - 2; cz <= at.z / kFoamCell + 2; ++cz)
    for (std::int64_t cy = at.y / kFoamCell - 2; cy <= at.y / kFoamCell + 2; ++cy)
      for (std::int64_t cx = at.x / kFoamCell - 2; cx <= at.x / kFoamCell + 2; ++cx) {
        const Bubble bubble = foam_bubble(seed, {cz, cy, cx});
        const float dz = static_cast<float>(at.z - cz * kFoamCell) - bubble.z;
        const float dy = static_cast<float>(at.y - cy * kFoamCell) - bubble.y;
        const float dx = static_cast<float>(at.x - cx * kFoamCell) - bubble.x;
        all.push_back((dx * dx + (dz * dz + dy * dy - bubble.radius * bubble.radius)) *
                      (0.5f / bubble.radius));
      }
  std::sort(all.begin(), all.end());
  const FoamLook look;
  const float slope = 1.0f / look.ramp;
  const float inside = std::clamp(0.5f - all[0] * slope, 0.0f, 1.0f);
  const float clear = std::clamp((all[1] - all[0] - look.thickness) * slope + 0.5f, 0.0f, 1.0f);
  return look.wall + (look.air - look.wall) * (inside * clear);
}

TEST(Phantom, AnyBoxHoldsTheVoxelsOfTheWhole) {
  const Extent3 shape = {9, 40, 1100};  // wider than a tile
  const Box3 boxes[] = {{{0, 0, 0}, {1, 1, 1}},
                        {{2, 3, 1000}, {5, 40, 1100}},
                        {{8, 17, 1023}, {9, 18, 1025}},
                        {{0, 39, 0}, {9, 40, 1100}},
                        {{3, 15, 5}, {4, 33, 777}}};
  for (const PhantomEntry& entry : phantoms()) {
    for (const DType dtype : kAllDTypes) {
      PhantomSettings settings{
          .shape = shape, .dtype = dtype, .seed = 7, .noise = is_float(dtype) ? 0.01 : 3.0};
      const Bytes all = filled(entry, settings, whole(shape));
      for (const Box3& box : boxes)
        EXPECT_TRUE(filled(entry, settings, box) == cut(all, whole(shape), box, size_of(dtype)))
            << entry.name << " " << dtype_name(dtype);
    }
  }
}

TEST(Phantom, EveryDispatchLevelGivesTheSameBits) {
  const std::vector<std::string> levels = simd_levels();
  const Extent3 shape = {3, 30, 300};
  for (const PhantomEntry& entry : phantoms()) {
    for (const DType dtype : kAllDTypes) {
      const PhantomSettings settings{.shape = shape, .dtype = dtype, .seed = 3, .noise = {}};
      select_simd(levels.back());
      const Bytes best = filled(entry, settings, whole(shape));
      for (const std::string& level : levels) {
        select_simd(level);
        EXPECT_TRUE(filled(entry, settings, whole(shape)) == best) << entry.name << " " << level;
      }
    }
  }
  select_simd(levels.back());
}

TEST(Phantom, SeedAndCoordinatesDecideNotTheShape) {
  for (const char* name : {"foam", "beads", "fibres", "noise", "checker"}) {
    const PhantomEntry& entry = entry_named(name);
    const Box3 box = {{1, 2, 3}, {4, 40, 60}};
    PhantomSettings settings{.shape = {8, 50, 70}, .dtype = DType::uint16, .seed = 1, .noise = 100};
    const Bytes small = filled(entry, settings, box);
    settings.shape = {80, 500, 700};
    EXPECT_TRUE(small == filled(entry, settings, box)) << name;
    settings.seed = 2;
    EXPECT_FALSE(small == filled(entry, settings, box)) << name;
  }
}

TEST(Phantom, FarCornersOfHugeVolumesWork) {
  const std::int64_t far = std::int64_t{1} << 40;
  for (const char* name : {"foam", "beads", "fibres", "noise"}) {
    const PhantomSettings settings{.shape = {far, far, far}, .dtype = DType::uint16, .seed = 1, .noise = 500};
    const Box3 box = {{far - 2, far - 20, far - 70000}, {far, far, far}};
    const Bytes all = filled(entry_named(name), settings, box);
    const Box3 inner = {{far - 1, far - 3, far - 65999}, {far, far - 1, far - 10}};
    EXPECT_TRUE(filled(entry_named(name), settings, inner) == cut(all, box, inner, 2)) << name;
  }
}

TEST(Foam, FollowsItsFormula) {
  const PhantomSettings settings{.shape = {200, 200, 200}, .seed = 5, .noise = {}};
  const auto foam = make_foam(settings);
  for (const Extent3 begin : {Extent3{0, 0, 0}, Extent3{71, 30, 24}, Extent3{100, 140, 111}}) {
    const Box3 box = {begin, {begin.z + 1, begin.y + 16, begin.x + 89}};
    std::vector<float> grey(16 * kPhantomStride);
    foam->shade(box, grey.data());
    for (std::int64_t y = 0; y < 16; ++y)
      for (std::int64_t x = 0; x < 89; ++x)
        ASSERT_EQ(foam_by_formula(5, {begin.z, begin.y + y, begin.x + x}),
                  grey[static_cast<std::size_t>(y * kPhantomStride + x)]);
  }
}

TEST(Foam, IsHalfAirWithDistinctWalls) {
  const PhantomSettings settings{.shape = {96, 96, 96}, .dtype = DType::float32, .seed = 1, .noise = 0};
  const Bytes bytes = filled(entry_named("foam"), settings, whole(settings.shape));
  const auto* grey = reinterpret_cast<const float*>(bytes.data());
  std::int64_t air = 0, wall = 0;
  const std::int64_t count = voxels(settings.shape);
  for (std::int64_t i = 0; i < count; ++i) {
    air += grey[i] < 0.25f;
    wall += grey[i] > 0.6f;
  }
  EXPECT_GT(air, count * 4 / 10);
  EXPECT_GT(wall, count * 2 / 10);
  EXPECT_LT(air + wall, count);  // partial volume in between
}

TEST(Noise, IsStandardNormalAndUncorrelated) {
  constexpr std::int64_t kRows = 200, kWidth = 5000;
  std::vector<float> rows(kRows * kWidth + 16);
  for (std::int64_t y = 0; y < kRows; ++y) fill_normals(1, 0, y, 100, kWidth, rows.data() + y * kWidth);
  double moments[5] = {}, right = 0, below = 0;
  double largest = 0;
  for (std::int64_t i = 0; i < kRows * kWidth; ++i) {
    const double value = rows[static_cast<std::size_t>(i)];
    for (int power = 1; power <= 4; ++power) moments[power] += std::pow(value, power);
    if (i + 1 < kRows * kWidth) right += value * rows[static_cast<std::size_t>(i + 1)];
    if (i + kWidth < kRows * kWidth) below += value * rows[static_cast<std::size_t>(i + kWidth)];
    largest = std::max(largest, std::abs(value));
  }
  const double count = kRows * kWidth;
  EXPECT_NEAR(0, moments[1] / count, 0.004);
  EXPECT_NEAR(1, std::sqrt(moments[2] / count), 0.004);
  EXPECT_NEAR(0, moments[3] / count, 0.02);
  EXPECT_NEAR(3, moments[4] / count, 0.03);
  EXPECT_NEAR(0, right / count, 0.004);
  EXPECT_NEAR(0, below / count, 0.004);
  EXPECT_LT(largest, 4.07);
  EXPECT_GT(largest, 3.7);
}

TEST(Patterns, GradientRunsFromBlackToWhite) {
  PhantomSettings settings{.shape = {5, 6, 7}, .dtype = DType::uint8, .seed = 1, .noise = {}};
  const Bytes bytes = filled(entry_named("gradient"), settings, whole(settings.shape));
  EXPECT_EQ(std::byte{0}, bytes.front());
  EXPECT_EQ(std::byte{255}, bytes.back());
  for (int z = 0; z < 5; ++z)
    for (int y = 0; y < 6; ++y)
      for (int x = 0; x < 7; ++x) {
        const double expected = 255 * (z / 4.0 + y / 5.0 + x / 6.0) / 3;
        EXPECT_NEAR(expected, static_cast<double>(bytes[static_cast<std::size_t>((z * 6 + y) * 7 + x)]),
                    0.501);
      }
  settings.shape = {1, 1, 1};
  EXPECT_EQ(Bytes{std::byte{0}}, filled(entry_named("gradient"), settings, whole(settings.shape)));
}

TEST(Patterns, CheckerHasCubes) {
  const PhantomSettings settings{.shape = {40, 40, 40}, .dtype = DType::float64, .seed = 1, .noise = {}};
  const Bytes bytes = filled(entry_named("checker"), settings, whole(settings.shape));
  const auto* voxel = reinterpret_cast<const double*>(bytes.data());
  for (int z = 0; z < 40; ++z)
    for (int y = 0; y < 40; ++y)
      for (int x = 0; x < 40; ++x, ++voxel) ASSERT_EQ((z / 16 + y / 16 + x / 16) % 2 ? 0.75 : 0.25, *voxel);
}

TEST(Store, RoundsHalfToEvenAndSaturates) {
  const float grey[32] = {0,   1,  2,     3,     0.5f,   1.5f,   2.5f,   0.49999f,
                          300, -1, -0.5f, 1e30f, -1e30f, 254.5f, 255.5f, 7};
  const float none[32] = {};
  for (const DType dtype : kAllDTypes) {
    if (is_float(dtype)) continue;
    std::byte bytes[16 * 8];
    store_voxels(dtype, {0, 1, 0}, grey, none, 15, bytes);
    visit_dtype(dtype, [&](auto type) {
      using T = typename decltype(type)::type;
      if constexpr (!is_float_type<T>) {
        for (int i = 0; i < 15; ++i) {
          const long double whole_number = std::nearbyint(static_cast<long double>(grey[i]));
          const auto low = static_cast<long double>(std::numeric_limits<T>::lowest());
          const auto high = static_cast<long double>(std::numeric_limits<T>::max());
          T got;
          std::memcpy(&got, bytes + static_cast<std::size_t>(i) * sizeof(T), sizeof(T));
          EXPECT_EQ(static_cast<T>(std::clamp(whole_number, low, high)), got)
              << dtype_name(dtype) << " " << grey[i];
        }
      }
    });
  }
}

// Computed from the definitions by a separate program in Python.
TEST(Phantom, FirstVoxelsNeverChange) {
  const PhantomSettings settings{.shape = {64, 64, 64}, .dtype = DType::uint16, .seed = 1, .noise = {}};
  const Bytes bytes = filled(entry_named("foam"), settings, {{0, 0, 0}, {1, 1, 4}});
  std::uint16_t got[4];
  std::memcpy(got, bytes.data(), sizeof(got));
  const std::uint16_t golden[4] = {42691, 41034, 40152, 41678};
  for (int i = 0; i < 4; ++i) EXPECT_EQ(golden[i], got[i]);
}

}  // namespace
}  // namespace vox
