#include "ops/phantom/shepp_logan.h"

#include <algorithm>
#include <cmath>

namespace vox {
namespace {

constexpr double kCosine18 = 0.9510565162951535;
constexpr double kSine18 = 0.3090169943749474;

constexpr Ellipsoid kEllipsoids[] = {
    {10, 0.69, 0.92, 0.81, 0, 0, 0, 1, 0},
    {-8, 0.6624, 0.874, 0.78, 0, -0.0184, 0, 1, 0},
    {-2, 0.11, 0.31, 0.22, 0.22, 0, 0, kCosine18, -kSine18},
    {-2, 0.16, 0.41, 0.28, -0.22, 0, 0, kCosine18, kSine18},
    {1, 0.21, 0.25, 0.41, 0, 0.35, -0.15, 1, 0},
    {1, 0.046, 0.046, 0.05, 0, 0.1, 0.25, 1, 0},
    {1, 0.046, 0.046, 0.05, 0, -0.1, 0.25, 1, 0},
    {1, 0.046, 0.023, 0.05, -0.08, -0.605, 0, 1, 0},
    {1, 0.023, 0.023, 0.02, 0, -0.606, 0, 1, 0},
    {1, 0.023, 0.046, 0.05, 0.06, -0.605, 0, 1, 0},
};

/// The centre of voxel `index` of `size` along an axis from -1 to 1.
double place(std::int64_t index, std::int64_t size) {
  return (2.0 * static_cast<double>(index) + 1.0) / static_cast<double>(size) - 1.0;
}

class SheppLogan final : public Phantom {
 public:
  explicit SheppLogan(const Extent3& shape) : shape_(shape) {}

  void shade(const Box3& box, float* grey) const override {
    const std::int64_t width = box.shape().x;
    for (std::int64_t z = box.begin.z; z < box.end.z; ++z) {
      for (std::int64_t y = box.begin.y; y < box.end.y; ++y, grey += kPhantomStride) {
        std::fill_n(grey, width, 0.0f);
        for (const Ellipsoid& ellipsoid : kEllipsoids)
          add(ellipsoid, place(z, shape_.z), -place(y, shape_.y), box.begin.x, width, grey);
        for (std::int64_t i = 0; i < width; ++i) grey[i] *= 0.1f;
      }
    }
  }

 private:
  void add(const Ellipsoid& e, double z, double y, std::int64_t first, std::int64_t width, float* row) const {
    const double dz = (z - e.z) / e.half_z;
    const double dy = y - e.y;
    const double rest = 1.0 - dz * dz;
    // No point of the row is nearer than its distance in y to an ellipse within its longer half axis.
    const double reach = std::max(e.half_x, e.half_y);
    if (rest < 0 || std::abs(dy) > reach) return;
    const double half = static_cast<double>(shape_.x) * 0.5;
    const std::int64_t low = static_cast<std::int64_t>(std::floor((e.x - reach + 1.0) * half)) - 1 - first;
    const std::int64_t high = static_cast<std::int64_t>(std::ceil((e.x + reach + 1.0) * half)) + 1 - first;
    for (std::int64_t i = std::max<std::int64_t>(low, 0); i < std::min(high, width); ++i) {
      const double dx = place(first + i, shape_.x) - e.x;
      const double along = (dx * e.cosine + dy * e.sine) / e.half_x;
      const double across = (dy * e.cosine - dx * e.sine) / e.half_y;
      row[i] += along * along + across * across <= rest ? e.tenths : 0.0f;
    }
  }

  Extent3 shape_;
};

}  // namespace

std::span<const Ellipsoid> shepp_logan_ellipsoids() { return kEllipsoids; }

std::unique_ptr<Phantom> make_shepp_logan(const PhantomSettings& settings) {
  return std::make_unique<SheppLogan>(settings.shape);
}

}  // namespace vox
