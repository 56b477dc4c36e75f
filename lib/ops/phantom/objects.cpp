#include "ops/phantom/objects.h"

#include <algorithm>

#include "ops/phantom/hash.h"

namespace vox {
namespace {

using CutObject = Disc (*)(std::uint64_t seed, const Extent3& cell, std::int64_t z);

/// Objects that stay inside their cells: a voxel depends on its own cell alone.
class Objects final : public Phantom {
 public:
  Objects(std::uint64_t seed, std::int64_t cell, float background, CutObject cut)
      : seed_(seed), cell_(cell), background_(background), cut_(cut) {}

  void shade(const Box3& box, float* grey) const override {
    const Extent3 size = box.shape();
    const std::int64_t last_column = (box.end.x - 1) / cell_;
    for (std::int64_t z = box.begin.z; z < box.end.z; ++z) {
      float* plane = grey + (z - box.begin.z) * size.y * kPhantomStride;
      for (std::int64_t cy = box.begin.y / cell_; cy <= (box.end.y - 1) / cell_; ++cy)
        for (std::int64_t cx = box.begin.x / cell_; cx <= last_column; ++cx)
          shade_cell(cut_(seed_, {z / cell_, cy, cx}, z), {z, cy * cell_, cx * cell_}, box, plane);
    }
  }

 private:
  /// `corner`: the cell's first voxel in this plane.
  void shade_cell(const Disc& disc, const Extent3& corner, const Box3& box, float* plane) const {
    const std::int64_t x_begin = std::max(corner.x, box.begin.x);
    const std::int64_t x_end = std::min(corner.x + cell_, box.end.x);
    const float scale = 0.5f / disc.radius;
    for (std::int64_t y = std::max(corner.y, box.begin.y); y < std::min(corner.y + cell_, box.end.y); ++y) {
      const float dy = static_cast<float>(y - corner.y) - disc.y;
      const float rest = disc.dz2 + dy * dy - disc.radius * disc.radius;
      float* row = plane + (y - box.begin.y) * kPhantomStride - box.begin.x;
      for (std::int64_t x = x_begin; x < x_end; ++x) {
        const float dx = static_cast<float>(x - corner.x) - disc.x;
        const float inside = std::clamp(0.5f - (dx * dx + rest) * scale, 0.0f, 1.0f);
        row[x] = background_ + (disc.grey - background_) * inside;
      }
    }
  }

  std::uint64_t seed_;
  std::int64_t cell_;
  float background_;
  CutObject cut_;
};

/// Like a sine of period 2, from multiplications alone, so that every machine agrees: 4 t (1 - |t|) on [-1,
/// 1).
float wave(float phase) {
  const float t = phase - 2.0f * static_cast<float>(static_cast<int>(phase / 2.0f)) - 1.0f;
  return 4.0f * t * (1.0f - (t < 0 ? -t : t));
}

}  // namespace

Disc bead_in_plane(std::uint64_t seed, const Extent3& cell, std::int64_t z) {
  const std::uint64_t hash = coordinate_hash(seed, HashUse::beads, cell.z, cell.y, cell.x);
  const auto side = static_cast<float>(kBeadCell);
  const float radius = 3.0f + 6.0f * hash_unit(hash, 3);
  // The surface's ramp ends a voxel beyond the radius.
  const float room = side - 1.0f - 2.0f * (radius + 1.0f);
  const auto centre = [&](int part) { return radius + 1.0f + room * hash_unit(hash, part); };
  const float dz = static_cast<float>(z - cell.z * kBeadCell) - centre(0);
  return {centre(1), centre(2), radius, dz * dz, 0.5f + 0.4f * hash_unit(mixed(hash), 0)};
}

Disc fibre_in_plane(std::uint64_t seed, const Extent3& cell, std::int64_t z) {
  const std::uint64_t hash = coordinate_hash(seed, HashUse::fibres, 0, cell.y, cell.x);
  const std::uint64_t more = mixed(hash);
  const auto side = static_cast<float>(kFibreCell);
  const float radius = 3.0f + 2.0f * hash_unit(hash, 0);
  const float amplitude = 0.5f * (side - 1.0f) - (radius + 1.0f);
  const float middle = 0.5f * (side - 1.0f);
  const auto sway = [&](int part) {
    const std::int64_t period = 128 + static_cast<std::int64_t>(256.0f * hash_unit(hash, part));
    const auto along = static_cast<float>(z % period) * (2.0f / static_cast<float>(period));
    return middle + amplitude * wave(along + 2.0f * hash_unit(more, part));
  };
  return {sway(1), sway(2), radius, 0.0f, 0.6f + 0.2f * hash_unit(more, 0)};
}

std::unique_ptr<Phantom> make_beads(const PhantomSettings& settings) {
  return std::make_unique<Objects>(settings.seed, kBeadCell, kBeadBackground, bead_in_plane);
}

std::unique_ptr<Phantom> make_fibres(const PhantomSettings& settings) {
  return std::make_unique<Objects>(settings.seed, kFibreCell, kFibreBackground, fibre_in_plane);
}

}  // namespace vox
