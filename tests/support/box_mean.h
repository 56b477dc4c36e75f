// The plainest kernel with a neighbourhood: the mean of a box, in double precision, for tests of the engine.
#pragma once

#include <cmath>

#include "core/boundary.h"
#include "ops/kernel.h"
#include "support/memory_volume.h"

namespace vox::test {

/// uint16 in, uint16 out, half to even.
class BoxMean : public Kernel {
 public:
  explicit BoxMean(const Extent3& radius) : radius_(radius) {}

  VolumeMeta output_meta(const VolumeMeta& input) const override { return input; }
  Extent3 halo() const override { return radius_; }

  void apply(const ConstBlock& in, const Block& out, Tally& tally) const override {
    static_cast<void>(tally);
    const Extent3 size = out.shape();
    const double count = static_cast<double>((2 * radius_.z + 1) * (2 * radius_.y + 1) * (2 * radius_.x + 1));
    for (std::int64_t z = 0; z < size.z; ++z)
      for (std::int64_t y = 0; y < size.y; ++y)
        for (std::int64_t x = 0; x < size.x; ++x) {
          double sum = 0;
          for (std::int64_t dz = -radius_.z; dz <= radius_.z; ++dz)
            for (std::int64_t dy = -radius_.y; dy <= radius_.y; ++dy)
              for (std::int64_t dx = -radius_.x; dx <= radius_.x; ++dx)
                sum += reinterpret_cast<const std::uint16_t*>(in.row(z + dz, y + dy))[x + dx];
          reinterpret_cast<std::uint16_t*>(out.row(z, y))[x] =
              static_cast<std::uint16_t>(std::nearbyint(sum / count));
        }
  }

 private:
  Extent3 radius_;
};

/// The same on a whole volume, looking outside by the definition of the boundary, written independently of
/// the engine.
inline Volume plain_box_mean(const Volume& in, const Extent3& radius, const Boundary& boundary) {
  Volume out(in.meta.shape);
  const Extent3 n = in.meta.shape;
  const auto look = [&](std::int64_t z, std::int64_t y, std::int64_t x) -> double {
    const std::int64_t a = boundary_index(z, n.z, boundary.mode);
    const std::int64_t b = boundary_index(y, n.y, boundary.mode);
    const std::int64_t c = boundary_index(x, n.x, boundary.mode);
    return a < 0 || b < 0 || c < 0 ? static_cast<double>(boundary.value) : in.at<std::uint16_t>(a, b, c);
  };
  const double count = static_cast<double>((2 * radius.z + 1) * (2 * radius.y + 1) * (2 * radius.x + 1));
  for (std::int64_t z = 0; z < n.z; ++z)
    for (std::int64_t y = 0; y < n.y; ++y)
      for (std::int64_t x = 0; x < n.x; ++x) {
        double sum = 0;
        for (std::int64_t dz = -radius.z; dz <= radius.z; ++dz)
          for (std::int64_t dy = -radius.y; dy <= radius.y; ++dy)
            for (std::int64_t dx = -radius.x; dx <= radius.x; ++dx) sum += look(z + dz, y + dy, x + dx);
        out.at<std::uint16_t>(z, y, x) = static_cast<std::uint16_t>(std::nearbyint(sum / count));
      }
  return out;
}

}  // namespace vox::test
