#include "core/position.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.h"
#include "core/numbers.h"
#include "core/units.h"

namespace vox {
namespace {

/// Points this near to the edge of a voxel, in voxels, are on it: 0.3 mm is a little less than 3 * 0.1 mm.
constexpr double kTolerance = 1e-6;

std::int64_t index_of_share(std::string_view text, double percent, std::int64_t size) {
  if (!(percent >= 0 && percent <= 100))
    fail_usage("'" + std::string(text) + "': write a percentage from 0% to 100%");
  return std::min(size - 1, static_cast<std::int64_t>(std::floor(percent / 100 * static_cast<double>(size))));
}

}  // namespace

std::int64_t plane_index(std::string_view text, const VolumeMeta& meta, std::size_t axis) {
  const std::int64_t size = std::array{meta.shape.z, meta.shape.y, meta.shape.x}[axis];
  double number = 0;
  if (text.ends_with('%') && try_parse(text.substr(0, text.size() - 1), number))
    return index_of_share(text, number, size);
  std::int64_t index = 0;
  if (try_parse(text, index)) {
    if (index < 0) index += size;
  } else {
    const Length length = parse_length(text);
    if (length.unit.empty())
      fail_usage("'" + std::string(text) +
                 "' is no plane; write an index, a percentage or a length with a unit");
    const double at = std::floor(length_in_voxels(length, meta)[axis] + kTolerance);
    index = at >= 0 && at < static_cast<double>(size) ? static_cast<std::int64_t>(at) : -1;
  }
  if (index < 0 || index >= size)
    fail_usage("there is no plane " + std::string(text) + ": the volume has " + format_count(size) +
               (size == 1 ? " plane" : " planes") + " along " + "zyx"[axis]);
  return index;
}

}  // namespace vox
