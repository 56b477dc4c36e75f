#include "core/roi.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.h"
#include "core/numbers.h"
#include "core/units.h"

namespace vox {
namespace {

constexpr std::array<char, 3> kAxisNames = {'z', 'y', 'x'};

std::vector<std::string> axis_parts(std::string_view text, const char* option) {
  std::vector<std::string> parts = split(text, ',');
  if (parts.size() != 3)
    fail_usage(std::string(option) + " '" + std::string(text) + "' needs three ranges Z0:Z1,Y0:Y1,X0:X1");
  return parts;
}

std::array<std::int64_t, 3> sizes_of(const VolumeMeta& meta) {
  return {meta.shape.z, meta.shape.y, meta.shape.x};
}

/// Far outside of every volume, with room to count on.
constexpr std::int64_t kFarOutside = std::int64_t{1} << 62;

/// Ends this near to a limit, in voxels, are on it: 0.002 mm is a little more than 2 um in double precision.
constexpr double kTolerance = 1e-6;

/// An end of a range: an index, or a distance from the corner rounded to a voxel edge.
std::int64_t edge(const std::string& text, std::int64_t size, std::size_t axis, const VolumeMeta& meta) {
  std::int64_t index = 0;
  if (try_parse(text, index)) return std::min(index < 0 ? index + size : index, kFarOutside);
  const Length length = parse_length(text);
  if (length.unit.empty())
    fail_usage("--roi: '" + text + "' is not a whole number of voxels; add a unit for a distance");
  const double at = std::floor(length_in_voxels(length, meta)[axis] + 0.5 + kTolerance);
  const auto far = static_cast<double>(kFarOutside);
  return static_cast<std::int64_t>(std::clamp(at, -far, far));
}

Interval voxel_interval(const std::string& part, std::size_t axis, const VolumeMeta& meta) {
  const std::int64_t size = sizes_of(meta)[axis];
  const std::size_t colon = part.find(':');
  if (colon == std::string::npos) {
    const std::int64_t at = edge(part, size, axis, meta);
    return {at, at + 1};
  }
  const std::string first = part.substr(0, colon);
  const std::string last = part.substr(colon + 1);
  return {first.empty() ? 0 : edge(first, size, axis, meta),
          last.empty() ? size : edge(last, size, axis, meta)};
}

Interval world_interval(const std::string& part, std::size_t axis, const VolumeMeta& meta) {
  const std::int64_t size = sizes_of(meta)[axis];
  const double step = meta.spacing ? (*meta.spacing)[axis] : 1.0;
  const double first_centre = meta.origin ? (*meta.origin)[axis] : 0.0;
  const std::size_t colon = part.find(':');
  if (colon == std::string::npos) fail_usage("--roi-world: '" + part + "' needs the form LO:HI");
  const auto index_from = [&](const std::string& text, std::int64_t missing) -> std::int64_t {
    if (text.empty()) return missing;
    const Length at = parse_length(text);
    double value = at.value;
    if (!at.unit.empty()) value = length_in_voxels(at, meta)[axis] * step;
    // Centres at first_centre + i * step belong when lo <= centre < hi, so both ends round up.
    const double index = std::ceil((value - first_centre) / step - kTolerance);
    return static_cast<std::int64_t>(std::min(std::max(index, 0.0), static_cast<double>(size)));
  };
  return {index_from(part.substr(0, colon), 0), index_from(part.substr(colon + 1), size)};
}

Box3 checked_box(const std::array<Interval, 3>& ranges, std::string_view text, const VolumeMeta& meta) {
  const auto sizes = sizes_of(meta);
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const Interval& range = ranges[axis];
    if (range.begin >= 0 && range.end <= sizes[axis] && range.begin < range.end) continue;
    fail_usage("region '" + std::string(text) + "': " + kAxisNames[axis] + " from " +
               std::to_string(range.begin) + " to " + std::to_string(range.end) + " is " +
               (range.begin < range.end ? "outside" : "empty in") + " the volume of " +
               to_string(meta.shape) + " voxels (Z, Y, X)");
  }
  return {{ranges[0].begin, ranges[1].begin, ranges[2].begin}, {ranges[0].end, ranges[1].end, ranges[2].end}};
}

}  // namespace

Box3 parse_roi(std::string_view text, const VolumeMeta& meta) {
  const auto parts = axis_parts(text, "--roi");
  std::array<Interval, 3> ranges{};
  for (std::size_t axis = 0; axis < 3; ++axis) ranges[axis] = voxel_interval(parts[axis], axis, meta);
  return checked_box(ranges, text, meta);
}

Box3 parse_world_roi(std::string_view text, const VolumeMeta& meta) {
  const auto parts = axis_parts(text, "--roi-world");
  if (meta.direction) fail_usage("--roi-world needs axes along the world's; this volume has a direction");
  std::array<Interval, 3> ranges{};
  for (std::size_t axis = 0; axis < 3; ++axis) ranges[axis] = world_interval(parts[axis], axis, meta);
  return checked_box(ranges, text, meta);
}

}  // namespace vox
