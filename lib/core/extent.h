// Sizes and boxes of voxels in (Z, Y, X) order, with arithmetic that cannot overflow unnoticed.
#pragma once

#include <cstdint>
#include <string>

namespace vox {

/// Of a volume, in the order of its shape.
enum class Axis { z, y, x };

/// A size or an index in voxels.
struct Extent3 {
  std::int64_t z = 0;
  std::int64_t y = 0;
  std::int64_t x = 0;

  bool operator==(const Extent3&) const = default;
};

/// Half-open: begin <= index < end along one axis.
struct Interval {
  std::int64_t begin = 0;
  std::int64_t end = 0;

  bool operator==(const Interval&) const = default;
  std::int64_t size() const { return end - begin; }
};

/// Half-open: voxels with begin <= index < end on every axis.
struct Box3 {
  Extent3 begin;
  Extent3 end;

  bool operator==(const Box3&) const = default;
  Extent3 shape() const { return {end.z - begin.z, end.y - begin.y, end.x - begin.x}; }
  bool empty() const { return end.z <= begin.z || end.y <= begin.y || end.x <= begin.x; }
};

inline Box3 whole(const Extent3& shape) { return {{0, 0, 0}, shape}; }
inline Box3 shifted(const Box3& box, const Extent3& by) {
  return {{box.begin.z + by.z, box.begin.y + by.y, box.begin.x + by.x},
          {box.end.z + by.z, box.end.y + by.y, box.end.x + by.x}};
}
Box3 intersect(const Box3& a, const Box3& b);

/// Product of two sizes; throws a damaged-input error that names `what` when it exceeds 2^63 - 1 or one is
/// negative.
std::int64_t checked_product(std::int64_t a, std::int64_t b, const std::string& what);
/// Voxels in a shape, checked as above.
std::int64_t checked_voxels(const Extent3& shape, const std::string& what);
/// Voxels of a shape or box already known to fit.
inline std::int64_t voxels(const Extent3& shape) { return shape.z * shape.y * shape.x; }

/// "225 x 128 x 128".
std::string to_string(const Extent3& shape);

}  // namespace vox
