#include "core/value_map.h"

#include <cmath>

namespace vox {
namespace {

constexpr const char* kLost = "value_map_lost";

}  // namespace

void lose_value_map(VolumeMeta& meta) {
  meta.value_map.reset();
  meta.extra[kLost] = "true";
}

bool value_map_is_lost(const VolumeMeta& meta) {
  const auto found = meta.extra.find(kLost);
  return found != meta.extra.end() && found->second == "true" && !meta.value_map;
}

void carry_value_map(const VolumeMeta& before, double scale, double offset, VolumeMeta& meta) {
  if (value_map_is_lost(before)) return lose_value_map(meta);
  const ValueMap map = composed_value_map(before.value_map, scale, offset);
  if (!std::isfinite(map.slope) || !std::isfinite(map.intercept) || map.slope == 0)
    return lose_value_map(meta);
  meta.value_map = map;
  meta.extra.erase(kLost);
}

}  // namespace vox
