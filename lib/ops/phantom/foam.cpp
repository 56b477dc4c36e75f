#include "ops/phantom/foam.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "ops/phantom/hash.h"
#include "ops/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/phantom/foam.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vox::HWY_NAMESPACE {
namespace {

constexpr std::int64_t kFoamGroup = 8;

/// Lets a bubble lower the two smallest q of `count` voxels. Voxel i lies `first + i` voxels beyond the
/// centre along x; `rest` is dz^2 + dy^2 - radius^2.
void add_chord(std::int32_t first, float centre, float rest, float scale, std::int64_t count,
               float* __restrict nearest, float* __restrict second) {
  for (std::int64_t begin = 0; begin < count; begin += kFoamGroup) {
    for (std::int64_t i = 0; i < kFoamGroup; ++i) {
      const float dx = static_cast<float>(first + static_cast<std::int32_t>(begin + i)) - centre;
      const float q = (dx * dx + rest) * scale;
      const float least = nearest[begin + i];
      const float other = q < least ? least : q;
      nearest[begin + i] = q < least ? q : least;
      second[begin + i] = other < second[begin + i] ? other : second[begin + i];
    }
  }
}

/// Grey values over the smallest q.
void look(const FoamLook& foam, std::int64_t count, float* __restrict nearest,
          const float* __restrict second) {
  const float slope = 1.0f / foam.ramp;
  const float contrast = foam.air - foam.wall;
  for (std::int64_t begin = 0; begin < count; begin += kFoamGroup) {
    for (std::int64_t i = 0; i < kFoamGroup; ++i) {
      const float q = nearest[begin + i];
      float inside = 0.5f - q * slope;
      inside = inside < 0.0f ? 0.0f : inside;
      inside = inside > 1.0f ? 1.0f : inside;
      float clear = (second[begin + i] - q - foam.thickness) * slope + 0.5f;
      clear = clear < 0.0f ? 0.0f : clear;
      clear = clear > 1.0f ? 1.0f : clear;
      nearest[begin + i] = foam.wall + contrast * (inside * clear);
    }
  }
}

}  // namespace
}  // namespace vox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vox {
namespace {

VOX_SIMD_TABLE(add_chord);
VOX_SIMD_TABLE(look);

constexpr float kFar = 1e6f;
constexpr FoamLook kLook;
/// How far beyond its surface, in q, a bubble still matters: from there on both ramps are at their ends.
constexpr float kReach = kLook.thickness + kLook.ramp;

/// Floor of a quotient, also for negative numerators.
std::int64_t cell_of(std::int64_t voxel) { return (voxel >= 0 ? voxel : voxel - kFoamCell + 1) / kFoamCell; }

class Foam final : public Phantom {
 public:
  explicit Foam(std::uint64_t seed) : seed_(seed) {}

  void shade(const Box3& box, float* grey) const override {
    const Extent3 size = box.shape();
    const std::int64_t rows = size.z * size.y;
    std::vector<float> second(static_cast<std::size_t>(rows * kPhantomStride), kFar);
    std::fill(grey, grey + (rows - 1) * kPhantomStride + size.x, kFar);
    const Extent3 low = {cell_of(box.begin.z) - 1, cell_of(box.begin.y) - 1, cell_of(box.begin.x) - 1};
    const Extent3 high = {cell_of(box.end.z - 1) + 1, cell_of(box.end.y - 1) + 1, cell_of(box.end.x - 1) + 1};
    Extent3 cell;
    for (cell.z = low.z; cell.z <= high.z; ++cell.z)
      for (cell.y = low.y; cell.y <= high.y; ++cell.y)
        for (cell.x = low.x; cell.x <= high.x; ++cell.x) add_bubble(cell, box, grey, second.data());
    for (std::int64_t row = 0; row < rows; ++row) VOX_SIMD_CALL(look)
    (kLook, size.x, grey + row * kPhantomStride, second.data() + row * kPhantomStride);
  }

 private:
  /// Adds the bubble of `cell` to the rows of `box` that it reaches.
  void add_bubble(const Extent3& cell, const Box3& box, float* nearest, float* second) const {
    const Bubble bubble = foam_bubble(seed_, cell);
    const float outer = bubble.radius * (bubble.radius + 2.0f * kReach);  // (distance of influence)^2
    const float scale = 0.5f / bubble.radius;
    const Extent3 size = box.shape();
    for (std::int64_t z = 0; z < size.z; ++z) {
      const float dz = static_cast<float>(box.begin.z + z - cell.z * kFoamCell) - bubble.z;
      if (dz * dz > outer) continue;
      for (std::int64_t y = 0; y < size.y; ++y) {
        const float dy = static_cast<float>(box.begin.y + y - cell.y * kFoamCell) - bubble.y;
        const float off_axis = dz * dz + dy * dy;
        if (off_axis > outer) continue;
        const float half = std::sqrt(outer - off_axis);
        const std::int64_t shift = cell.x * kFoamCell - box.begin.x;  // of the cell within the box
        const std::int64_t begin =
            std::max<std::int64_t>(shift + static_cast<std::int64_t>(std::floor(bubble.x - half)), 0);
        const std::int64_t end =
            std::min<std::int64_t>(shift + static_cast<std::int64_t>(std::ceil(bubble.x + half)) + 1, size.x);
        if (begin >= end) continue;
        const std::int64_t at = (z * size.y + y) * kPhantomStride + begin;
        VOX_SIMD_CALL(add_chord)
        (static_cast<std::int32_t>(begin - shift), bubble.x, off_axis - bubble.radius * bubble.radius, scale,
         end - begin, nearest + at, second + at);
      }
    }
  }

  std::uint64_t seed_;
};

}  // namespace

Bubble foam_bubble(std::uint64_t seed, const Extent3& cell) {
  const std::uint64_t hash = coordinate_hash(seed, HashUse::bubbles, cell.z, cell.y, cell.x);
  const auto side = static_cast<float>(kFoamCell);
  const float size = hash_unit(hash, 3);
  return {side * (0.25f + 0.5f * hash_unit(hash, 0)), side * (0.25f + 0.5f * hash_unit(hash, 1)),
          side * (0.25f + 0.5f * hash_unit(hash, 2)), side * (0.40f + 0.30f * size)};
}

std::unique_ptr<Phantom> make_foam(const PhantomSettings& settings) {
  return std::make_unique<Foam>(settings.seed);
}

}  // namespace vox
#endif
