#include "ops/phantom/patterns.h"

#include <algorithm>

namespace vox {
namespace {

class Gradient final : public Phantom {
 public:
  explicit Gradient(const Extent3& shape) {
    const double axes = (shape.z > 1) + (shape.y > 1) + (shape.x > 1);
    const auto step = [axes](std::int64_t length) {
      return length > 1 ? 1.0 / (axes * static_cast<double>(length - 1)) : 0.0;
    };
    z_ = step(shape.z);
    y_ = step(shape.y);
    x_ = step(shape.x);
  }

  void shade(const Box3& box, float* grey) const override {
    constexpr std::int32_t kGroup = 16;  // a fixed number of lanes becomes vectors; the stride leaves room
    const auto width = static_cast<std::int32_t>(box.shape().x);
    const auto left = static_cast<double>(box.begin.x);
    for (std::int64_t z = box.begin.z; z < box.end.z; ++z) {
      for (std::int64_t y = box.begin.y; y < box.end.y; ++y, grey += kPhantomStride) {
        const double across = static_cast<double>(z) * z_ + static_cast<double>(y) * y_;
        for (std::int32_t begin = 0; begin < width; begin += kGroup)
          for (std::int32_t i = begin; i < begin + kGroup; ++i)
            grey[i] = static_cast<float>(across + (left + i) * x_);
      }
    }
  }

 private:
  double z_ = 0;
  double y_ = 0;
  double x_ = 0;
};

class Checker final : public Phantom {
 public:
  void shade(const Box3& box, float* grey) const override {
    const std::int64_t width = box.shape().x;
    for (std::int64_t z = box.begin.z; z < box.end.z; ++z) {
      for (std::int64_t y = box.begin.y; y < box.end.y; ++y, grey += kPhantomStride) {
        for (std::int64_t i = 0; i < width;) {
          const std::int64_t column = (box.begin.x + i) / kCheckerEdge;
          const std::int64_t run = std::min((column + 1) * kCheckerEdge - box.begin.x, width) - i;
          const bool bright = (z / kCheckerEdge + y / kCheckerEdge + column) % 2 != 0;
          std::fill_n(grey + i, run, bright ? 0.75f : 0.25f);
          i += run;
        }
      }
    }
  }
};

class Plain final : public Phantom {
 public:
  void shade(const Box3& box, float* grey) const override {
    const Extent3 size = box.shape();
    for (std::int64_t row = 0; row < size.z * size.y; ++row)
      std::fill_n(grey + row * kPhantomStride, size.x, 0.5f);
  }
};

}  // namespace

std::unique_ptr<Phantom> make_gradient(const PhantomSettings& settings) {
  return std::make_unique<Gradient>(settings.shape);
}
std::unique_ptr<Phantom> make_checker(const PhantomSettings&) { return std::make_unique<Checker>(); }
std::unique_ptr<Phantom> make_plain(const PhantomSettings&) { return std::make_unique<Plain>(); }

}  // namespace vox
