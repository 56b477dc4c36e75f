#include "core/meta.h"

#include <cmath>

#include "core/error.h"
#include "core/value_map.h"

namespace vox {

void check_meta(const VolumeMeta& meta, const std::string& where) {
  if (meta.shape.z < 1 || meta.shape.y < 1 || meta.shape.x < 1)
    fail_damaged(where + ": the volume is empty: " + to_string(meta.shape) + " voxels");
  const std::int64_t count = checked_voxels(meta.shape, where + ": shape");
  checked_product(count, size_of(meta.dtype), where + ": bytes");
  if (!meta.spacing) return;
  for (double step : *meta.spacing)
    if (!(step > 0) || !std::isfinite(step)) fail_damaged(where + ": spacing must be positive and finite");
}

Vector3 moved_origin(const VolumeMeta& meta, const Vector3& by) {
  Vector3 origin = meta.origin.value_or(Vector3{0, 0, 0});
  for (std::size_t i = 0; i < 3; ++i) {
    if (!meta.direction) {
      origin[i] += by[i];
      continue;
    }
    for (std::size_t k = 0; k < 3; ++k) origin[i] += (*meta.direction)[i * 3 + k] * by[k];
  }
  return origin;
}

VolumeMeta with_new_values(const VolumeMeta& meta, DType dtype, Kind kind) {
  VolumeMeta out = meta;
  out.dtype = dtype;
  out.kind = kind;
  out.range.reset();
  if (kind == Kind::intensity)
    lose_value_map(out);
  else
    out.value_map.reset();
  return out;
}

VolumeMeta cropped(const VolumeMeta& meta, const Box3& box) {
  if (box == whole(meta.shape)) return meta;
  VolumeMeta out = meta;
  out.shape = box.shape();
  out.range.reset();
  if (!meta.spacing && !meta.origin) return out;
  const Vector3 steps = meta.spacing.value_or(Vector3{1, 1, 1});
  out.origin = moved_origin(
      meta, {static_cast<double>(box.begin.z) * steps[0], static_cast<double>(box.begin.y) * steps[1],
             static_cast<double>(box.begin.x) * steps[2]});
  return out;
}

ValueMap composed_value_map(const std::optional<ValueMap>& before, double scale, double offset) {
  const ValueMap old = before.value_or(ValueMap{});
  return {old.slope / scale, old.intercept - old.slope * offset / scale};
}

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::intensity:
      return "intensity";
    case Kind::labels:
      return "labels";
    case Kind::mask:
      return "mask";
  }
  return "";
}

bool try_parse_kind(std::string_view name, Kind& kind) {
  for (Kind candidate : {Kind::intensity, Kind::labels, Kind::mask}) {
    if (kind_name(candidate) != name) continue;
    kind = candidate;
    return true;
  }
  return false;
}

Kind parse_kind(std::string_view name) {
  Kind kind{};
  if (!try_parse_kind(name, kind))
    fail_usage("unknown kind '" + std::string(name) + "'; known: intensity, labels, mask");
  return kind;
}

}  // namespace vox
