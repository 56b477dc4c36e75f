#include "io/tiff_ome.h"

#include <array>
#include <cmath>

#include "core/numbers.h"
#include "core/units.h"

namespace vox {
namespace {

/// The text between `<Pixels` and `>`; empty when there is none.
std::string pixels_tag(const std::string& xml) {
  if (xml.find("<OME") == std::string::npos && xml.find(":OME") == std::string::npos) return {};
  for (std::size_t at = xml.find("Pixels"); at != std::string::npos; at = xml.find("Pixels", at + 1)) {
    const bool opens =
        at > 0 && (xml[at - 1] == '<' || xml[at - 1] == ':') && at + 6 < xml.size() && xml[at + 6] <= ' ';
    if (opens) return xml.substr(at + 6, xml.find('>', at) - at - 6);
  }
  return {};
}

std::string attribute(const std::string& tag, const std::string& name) {
  for (std::size_t at = tag.find(name + "="); at != std::string::npos; at = tag.find(name + "=", at + 1)) {
    const std::size_t quote = at + name.size() + 1;
    if (at == 0 || tag[at - 1] > ' ' || quote >= tag.size()) continue;
    return tag.substr(quote + 1, tag.find(tag[quote], quote + 1) - quote - 1);
  }
  return {};
}

std::int64_t count_of(const std::string& tag, const std::string& name) {
  std::int64_t count = 0;
  return try_parse(attribute(tag, name), count) && count > 0 ? count : 1;
}

void read_spacing(const std::string& tag, OmeFacts& facts) {
  constexpr std::array kAxes = {"PhysicalSizeZ", "PhysicalSizeY", "PhysicalSizeX"};
  Vector3 spacing{};
  std::array<std::string, 3> units;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const bool known = try_parse(attribute(tag, kAxes[axis]), spacing[axis]);
    if (!known || !std::isfinite(spacing[axis]) || spacing[axis] <= 0) return;
    const std::string unit = attribute(tag, std::string(kAxes[axis]) + "Unit");
    units[axis] = unit.empty() ? "micrometer" : unit_long_name(unit);  // the schema's default
  }
  facts.unit = units[2];
  for (std::size_t axis = 0; axis < 2; ++axis) {
    if (units[axis] == facts.unit) continue;
    if (units[axis].empty() || facts.unit.empty()) return;
    spacing[axis] *= unit_in_metres(units[axis]) / unit_in_metres(facts.unit);
  }
  facts.spacing = spacing;
}

}  // namespace

std::optional<OmeFacts> parse_ome(const std::string& description) {
  const std::string tag = pixels_tag(description);
  if (tag.empty()) return {};
  OmeFacts facts;
  facts.channels = count_of(tag, "SizeC");
  facts.frames = count_of(tag, "SizeT");
  const std::string order = attribute(tag, "DimensionOrder");
  if (order.size() == 5 && order.starts_with("XY")) facts.page_order = order.substr(2);
  read_spacing(tag, facts);
  return facts;
}

void apply_ome(const OmeFacts& facts, VolumeMeta& meta) {
  meta.spacing = facts.spacing;
  if (facts.spacing && !facts.unit.empty()) meta.unit = facts.unit;
}

}  // namespace vox
