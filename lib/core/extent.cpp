#include "core/extent.h"

#include <algorithm>

#include "core/error.h"

namespace vox {

Box3 intersect(const Box3& a, const Box3& b) {
  Box3 both{{std::max(a.begin.z, b.begin.z), std::max(a.begin.y, b.begin.y), std::max(a.begin.x, b.begin.x)},
            {std::min(a.end.z, b.end.z), std::min(a.end.y, b.end.y), std::min(a.end.x, b.end.x)}};
  return both.empty() ? Box3{} : both;
}

std::int64_t checked_product(std::int64_t a, std::int64_t b, const std::string& what) {
  std::int64_t product = 0;
  if (a < 0 || b < 0 || __builtin_mul_overflow(a, b, &product))
    fail_damaged(what + ": " + std::to_string(a) + " times " + std::to_string(b) +
                 " is not a size that can be");
  return product;
}

std::int64_t checked_voxels(const Extent3& shape, const std::string& what) {
  return checked_product(checked_product(shape.z, shape.y, what), shape.x, what);
}

std::string to_string(const Extent3& shape) {
  return std::to_string(shape.z) + " x " + std::to_string(shape.y) + " x " + std::to_string(shape.x);
}

}  // namespace vox
