#include "io/meta_fields.h"

#include <vector>

#include "io/sidecar.h"

namespace vox {
namespace {

std::vector<std::string> unheld_parts(const MetaFields& held, const VolumeMeta& meta) {
  std::vector<std::string> parts;
  const auto add = [&](bool there, bool is_held, const std::string& part) {
    if (there && !is_held) parts.push_back(part);
  };
  add(meta.spacing.has_value(), held.spacing, "spacing");
  // Of lengths alone: without them it says nothing.
  add(meta.unit && (meta.spacing || meta.origin), held.unit,
      held.spacing ? "unit " + meta.unit.value_or("") : "unit");
  add(meta.origin && meta.origin != Vector3{0, 0, 0}, held.origin, "origin");
  add(meta.direction && meta.direction != kIdentityDirection, held.direction, "direction");
  add(meta.value_map && meta.value_map != ValueMap{}, held.value_map, "value map");
  return parts;
}

}  // namespace

std::string unheld_text(const std::string& path, std::string_view format, const MetaPlaces& places,
                        const VolumeMeta& meta) {
  if (places.fields == nullptr) return {};
  const std::vector<std::string> parts = unheld_parts(places.fields(meta), meta);
  if (parts.empty()) return {};
  std::string text = path + ": " + std::string(format) + " files hold no ";
  for (std::size_t i = 0; i < parts.size(); ++i) text += (i > 0 ? ", " : "") + parts[i];
  text += parts.size() == 1 ? "; it stands in " : "; they stand in ";
  return text + (places.sidecar ? sidecar_path(path) : "the header, where only voxpipe looks");
}

}  // namespace vox
