// What a volume is, without its voxels.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/dtype.h"
#include "core/extent.h"
#include "core/history.h"

namespace vox {

/// A vector in (Z, Y, X) order.
using Vector3 = std::array<double, 3>;
/// The direction of volumes whose axes are those of the world.
inline constexpr std::array<double, 9> kIdentityDirection = {1, 0, 0, 0, 1, 0, 0, 0, 1};

/// What the voxels mean: grey values, object numbers, or inside and outside.
enum class Kind { intensity, labels, mask };

/// original = slope * stored + intercept: leads from the voxels back to the scanner's units.
struct ValueMap {
  double slope = 1;
  double intercept = 0;

  bool operator==(const ValueMap&) const = default;
};

/// Exact smallest and largest finite voxel.
struct Range {
  double low = 0;
  double high = 0;

  bool operator==(const Range&) const = default;
};

/// Travels with a volume through every tool; the sidecar and the stream header are its JSON form.
struct VolumeMeta {
  Extent3 shape;
  DType dtype = DType::uint8;
  std::optional<Vector3> spacing;                  ///< voxel size in `unit`, each positive and finite
  std::optional<std::string> unit;                 ///< a long name: "micrometer"
  std::optional<Vector3> origin;                   ///< centre of the first voxel, in `unit`
  std::optional<std::array<double, 9>> direction;  ///< row-major, columns are the axes (Z, Y, X)
  Kind kind = Kind::intensity;
  std::optional<Range> range;  ///< only when known for certain
  std::optional<ValueMap> value_map;
  History history;
  std::map<std::string, std::string> extra;  ///< keys that are not ours, as JSON text, kept as they came

  bool operator==(const VolumeMeta&) const = default;

  std::int64_t voxel_count() const { return voxels(shape); }
  std::int64_t row_bytes() const { return shape.x * size_of(dtype); }
  std::int64_t plane_bytes() const { return shape.y * row_bytes(); }
  std::int64_t bytes() const { return shape.z * plane_bytes(); }
};

/// Throws a damaged-input error that begins with `where` when the shape is empty or its bytes exceed 63 bits,
/// or when a spacing is not positive and finite.
void check_meta(const VolumeMeta& meta, const std::string& where);

/// The origin moved by lengths along the volume's axes (Z, Y, X).
Vector3 moved_origin(const VolumeMeta& meta, const Vector3& by);

/// The meta of a crop: shape and origin change, the exact range is no longer known (labels and voxels may be
/// gone).
VolumeMeta cropped(const VolumeMeta& meta, const Box3& box);

/// The meta behind an operation whose voxels mean something new: neither the range nor the way back to the
/// scanner's units is known.
VolumeMeta with_new_values(const VolumeMeta& meta, DType dtype, Kind kind);

/// The value map after the voxels became `scale * voxel + offset`; none when scale is 0 and nothing was known
/// before.
ValueMap composed_value_map(const std::optional<ValueMap>& before, double scale, double offset);

std::string_view kind_name(Kind kind);
/// Throws a usage error that lists the kinds.
Kind parse_kind(std::string_view name);
bool try_parse_kind(std::string_view name, Kind& kind);

}  // namespace vox
