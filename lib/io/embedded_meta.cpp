#include "io/embedded_meta.h"

#include <algorithm>
#include <cmath>

#include "core/units.h"
#include "io/sidecar.h"

namespace vox {
namespace {

constexpr double kRounding = 1e-6;  // of 32-bit floats, and of what is computed from them

bool close(double a, double b, double scale) { return std::abs(a - b) <= kRounding * scale; }

template <std::size_t N>
bool close(const std::array<double, N>& a, const std::array<double, N>& b, double scale) {
  return std::equal(a.begin(), a.end(), b.begin(), [&](double p, double q) { return close(p, q, scale); });
}

/// In metres, where the unit is known.
Vector3 in_metres(const Vector3& vector, const VolumeMeta& meta) {
  const double metres = meta.unit ? unit_in_metres(*meta.unit) : 0;
  const double factor = metres > 0 ? metres : 1;
  return {vector[0] * factor, vector[1] * factor, vector[2] * factor};
}

bool same_unit_kind(const VolumeMeta& a, const VolumeMeta& b) {
  const auto is_length = [](const VolumeMeta& meta) { return meta.unit && unit_in_metres(*meta.unit) > 0; };
  return is_length(a) == is_length(b);
}

/// What is not known is what files say by default.
bool same_grid(const VolumeMeta& a, const VolumeMeta& b) {
  if (!a.spacing && !a.origin && !b.spacing && !b.origin) return true;  // a unit of nothing
  if (!same_unit_kind(a, b)) return false;
  const Vector3 steps_a = in_metres(a.spacing.value_or(Vector3{1, 1, 1}), a);
  const Vector3 steps_b = in_metres(b.spacing.value_or(Vector3{1, 1, 1}), b);
  for (std::size_t i = 0; i < 3; ++i)
    if (!close(steps_a[i], steps_b[i], std::abs(steps_a[i]))) return false;
  const Vector3 origin_a = in_metres(a.origin.value_or(Vector3{0, 0, 0}), a);
  const Vector3 origin_b = in_metres(b.origin.value_or(Vector3{0, 0, 0}), b);
  for (std::size_t i = 0; i < 3; ++i)
    if (!close(origin_a[i], origin_b[i], std::abs(origin_a[i]) + steps_a[i])) return false;
  return true;
}

/// What the file's own fields do not say counts as agreement.
bool agrees(const VolumeMeta& fields, const VolumeMeta& ours) {
  const ValueMap map = ours.value_map.value_or(ValueMap{});
  return same_grid(ours, fields) &&
         (!fields.direction || close(*fields.direction, ours.direction.value_or(kIdentityDirection), 1)) &&
         (!fields.value_map || (close(fields.value_map->slope, map.slope, std::abs(map.slope)) &&
                                close(fields.value_map->intercept, map.intercept, std::abs(map.intercept))));
}

}  // namespace

std::string embedded_meta(const VolumeMeta& meta) {
  VolumeMeta kept = meta;
  kept.range.reset();
  return meta_to_line(kept);
}

void apply_embedded_meta(const std::string& text, const std::string& where, VolumeMeta& meta) {
  const std::optional<ValueMap> map = meta.value_map;
  const bool untouched = agrees(meta, parse_sidecar(text, where).meta);
  apply_embedded(text, untouched, where, meta);
  if (!untouched && map) meta.value_map = map;
}

}  // namespace vox
