#include "io/zarr_ome.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "core/error.h"
#include "core/units.h"

namespace vox {
namespace {

constexpr std::size_t kMostLevels = 64;

/// A path inside of the folder.
std::string checked_path(const JsonView& value, const std::string& where) {
  const auto path = value.text();
  const bool inside = path && !path->empty() && path->front() != '/' &&
                      path->find('\0') == std::string::npos &&
                      ("/" + *path + "/").find("/../") == std::string::npos;
  if (!inside) fail_damaged(where + ": \"path\" of a dataset must lead to a folder inside of the store");
  return *path;
}

std::vector<double> numbers(const JsonView& list, std::size_t count, const std::string& what,
                            const std::string& where) {
  std::vector<double> values;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto value = list.at(i).number();
    if (value && std::isfinite(*value)) values.push_back(*value);
  }
  if (values.size() != count || list.size() != count)
    fail_damaged(where + ": \"" + what + "\" must be " + std::to_string(count) +
                 " finite numbers, one per axis");
  return values;
}

/// Adds scale and translation of a list of transformations, which come after those that are known.
void apply_transformations(const JsonView& list, const std::string& where, std::size_t axes,
                           ZarrLevel& level) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    const JsonView item = list.at(i);
    const std::string type = item["type"].text().value_or("?");
    if (type == "identity") continue;
    if (type != "scale" && type != "translation")
      fail_usage(where + ": coordinateTransformations: " + type.substr(0, 40) +
                 " is not read, scale and translation are");
    const std::vector<double> values = numbers(item[type], axes, type, where);
    if (type == "translation" && level.translation.empty()) level.translation.assign(axes, 0);
    for (std::size_t k = 0; k < axes; ++k) {
      if (type == "scale") level.scale[k] *= values[k];
      if (type == "scale" && !level.translation.empty()) level.translation[k] *= values[k];
      if (type == "translation") level.translation[k] += values[k];
    }
  }
}

std::vector<ZarrAxis> parse_axes(const JsonView& list, const std::string& where) {
  std::vector<ZarrAxis> axes;
  if (!list) {  // version 0.2 and before
    for (const char* name : {"t", "c", "z", "y", "x"}) axes.push_back({name, "", ""});
    return axes;
  }
  for (std::size_t i = 0; i < list.size(); ++i) {
    const JsonView item = list.at(i);
    const auto name = (item.is_object() ? item["name"] : item).text();
    if (!name) fail_damaged(where + ": \"axes\" must have names");
    axes.push_back({*name, item["type"].text().value_or(""), item["unit"].text().value_or("")});
  }
  if (axes.size() < 2 || axes.size() > 5) fail_damaged(where + ": \"axes\" must be 2 to 5");
  return axes;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool is_space(const ZarrAxis& axis) {
  const std::string name = lower(axis.name);
  return axis.type == "space" || (axis.type.empty() && (name == "z" || name == "y" || name == "x"));
}

/// By their names where those are z, y and x; else x is the last.
void assign_space(const std::vector<ZarrAxis>& axes, const std::vector<int>& space, ZarrRoles& roles) {
  int* const targets[] = {&roles.z, &roles.y, &roles.x};
  const std::string names = "zyx";
  for (const int axis : space) {
    const std::string name = lower(axes[static_cast<std::size_t>(axis)].name);
    const std::size_t target = name.size() == 1 ? names.find(name) : std::string::npos;
    if (target == std::string::npos || *targets[target] >= 0) {
      roles.z = roles.y = roles.x = -1;
      break;
    }
    *targets[target] = axis;
  }
  if (roles.y >= 0 && roles.x >= 0) return;
  roles.x = space.back();
  roles.y = space[space.size() - 2];
  roles.z = space.size() == 3 ? space[0] : -1;
}

double metres_of(const std::string& unit) { return unit.empty() ? 0 : unit_in_metres(unit_long_name(unit)); }

}  // namespace

std::optional<ZarrImage> parse_zarr_image(const ZarrNode& node) {
  const JsonView root = node.attributes.root();
  const JsonView ome = root["ome"] ? root["ome"] : root;
  const JsonView scales = ome["multiscales"].at(0);
  if (!scales) return {};
  const std::string where = node.path + ": multiscales";
  ZarrImage image;
  image.axes = parse_axes(scales["axes"], where);
  const JsonView datasets = scales["datasets"];
  if (datasets.size() == 0 || datasets.size() > kMostLevels)
    fail_damaged(where + ": \"datasets\" must list 1 to " + std::to_string(kMostLevels) + " arrays");
  for (std::size_t i = 0; i < datasets.size(); ++i) {
    ZarrLevel level;
    level.path = checked_path(datasets.at(i)["path"], where);
    level.scale.assign(image.axes.size(), 1.0);
    apply_transformations(datasets.at(i)["coordinateTransformations"], where, image.axes.size(), level);
    apply_transformations(scales["coordinateTransformations"], where, image.axes.size(), level);
    image.levels.push_back(std::move(level));
  }
  image.is_labels = static_cast<bool>(ome["image-label"]);
  if (root["voxpipe"].is_object()) image.embedded = root["voxpipe"].dump();
  return image;
}

ZarrRoles zarr_roles(const std::vector<ZarrAxis>& axes, const std::string& where) {
  ZarrRoles roles;
  std::vector<int> space, others;
  for (int i = 0; i < static_cast<int>(axes.size()); ++i) {
    const ZarrAxis& axis = axes[static_cast<std::size_t>(i)];
    const std::string name = lower(axis.name);
    if (is_space(axis))
      space.push_back(i);
    else if (roles.channel < 0 && (axis.type == "channel" || name == "c"))
      roles.channel = i;
    else if (roles.time < 0 && (axis.type == "time" || name == "t"))
      roles.time = i;
    else
      others.push_back(i);
  }
  for (const int axis : others) {  // of a type of its own
    if (roles.channel < 0)
      roles.channel = axis;
    else if (roles.time < 0)
      roles.time = axis;
    else
      fail_usage(where + ": more than two axes that are not space cannot be chosen from");
  }
  if (space.size() < 2 || space.size() > 3)
    fail_usage(where + ": has " + std::to_string(space.size()) + " axes of space; a volume has 2 or 3");
  assign_space(axes, space, roles);
  return roles;
}

ZarrRoles zarr_roles(const ZarrArray& array, const JsonView& attributes) {
  std::vector<ZarrAxis> axes;
  const JsonView xarray = attributes["_ARRAY_DIMENSIONS"];
  for (std::size_t i = 0; i < array.axes(); ++i)
    axes.push_back({!array.names.empty() ? array.names[i] : xarray.at(i).text().value_or("?"), "", ""});
  std::string names;
  for (const ZarrAxis& axis : axes) names += lower(axis.name).size() == 1 ? lower(axis.name) : "?";
  const auto is_known = [&](char name) { return std::string("tczyx").find(name) != std::string::npos; };
  std::string sorted = names;
  std::sort(sorted.begin(), sorted.end());
  const bool unique = std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end();
  const bool has_plane = names.find('y') != std::string::npos && names.find('x') != std::string::npos;
  if (unique && has_plane && std::all_of(names.begin(), names.end(), is_known))
    return zarr_roles(axes, array.folder.name());
  const int count = static_cast<int>(array.axes());
  return {.z = count - 3,
          .y = count - 2,
          .x = count - 1,
          .channel = count - 4 < 0 ? -1 : count - 4,
          .time = count - 5 < 0 ? -1 : count - 5};
}

void apply_zarr_grid(const ZarrImage& image, std::size_t level, const ZarrRoles& roles, VolumeMeta& meta) {
  const ZarrLevel& chosen = image.levels[level];
  const ZarrLevel& first = image.levels.front();
  const std::string unit = image.axes[static_cast<std::size_t>(roles.x)].unit;
  Vector3 spacing{1, 1, 1};
  Vector3 origin{0, 0, 0};
  bool known = !first.translation.empty();
  for (std::size_t i = 0; i < 3; ++i) {
    const int axis = std::array{roles.z, roles.y, roles.x}[i];
    if (axis < 0) continue;
    const auto k = static_cast<std::size_t>(axis);
    const double here = metres_of(image.axes[k].unit);
    const double wanted = metres_of(unit);
    const double factor = here > 0 && wanted > 0 && here != wanted ? here / wanted : 1;
    spacing[i] = chosen.scale[k] * factor;
    if (!chosen.translation.empty()) origin[i] = chosen.translation[k] * factor;
    known = known || first.scale[k] != 1 || !image.axes[k].unit.empty();
  }
  if (!known) return;
  meta.spacing = spacing;
  if (!chosen.translation.empty()) meta.origin = origin;
  const std::string long_name = unit_long_name(unit);
  if (!unit.empty()) meta.unit = long_name.empty() ? unit : long_name;
}

}  // namespace vox
