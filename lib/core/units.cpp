#include "core/units.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "core/error.h"
#include "core/numbers.h"

namespace vox {
namespace {

struct Unit {
  std::string_view long_name;
  std::string_view short_name;
  double metres;
  std::array<std::string_view, 5> other_names;
};

constexpr std::array<Unit, 9> kUnits = {{
    {"angstrom", "A", 1e-10, {"\u00c5", "\u212b", "angstroms", "", ""}},
    {"picometer", "pm", 1e-12, {"picometre", "picometers", "", "", ""}},
    {"nanometer", "nm", 1e-9, {"nanometre", "nanometers", "nanometres", "", ""}},
    {"micrometer", "um", 1e-6, {"\u00b5m", "\u03bcm", "micron", "microns", "micrometre"}},
    {"millimeter", "mm", 1e-3, {"millimetre", "millimeters", "millimetres", "", ""}},
    {"centimeter", "cm", 1e-2, {"centimetre", "centimeters", "centimetres", "", ""}},
    {"meter", "m", 1.0, {"metre", "meters", "metres", "", ""}},
    {"inch", "in", 0.0254, {"inches", "\"", "", "", ""}},
    {"kilometer", "km", 1e3, {"kilometre", "kilometers", "", "", ""}},
}};

const Unit* find_unit(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const Unit& unit : kUnits) {
    if (name == unit.short_name || lower == unit.long_name) return &unit;
    for (std::string_view other : unit.other_names)
      if (!other.empty() && (name == other || lower == other)) return &unit;
  }
  if (lower == "micrometers" || lower == "micrometres" || lower == "\\u00b5m") return find_unit("um");
  return nullptr;
}

}  // namespace

std::string unit_long_name(std::string_view name) {
  const Unit* unit = find_unit(name);
  return unit == nullptr ? std::string() : std::string(unit->long_name);
}

std::string unit_short_name(std::string_view long_name) {
  const Unit* unit = find_unit(long_name);
  return std::string(unit == nullptr ? long_name : unit->short_name);
}

double unit_in_metres(std::string_view long_name) {
  const Unit* unit = find_unit(long_name);
  return unit == nullptr ? 0 : unit->metres;
}

Length parse_length(std::string_view text) {
  std::size_t digits = text.find_first_not_of("+-0123456789.");
  // "1e-3mm" has an exponent; "3e" has not.
  if (digits != std::string_view::npos && digits > 0 && (text[digits] == 'e' || text[digits] == 'E')) {
    const std::size_t after = text.find_first_not_of("+-0123456789", digits + 1);
    if (after != digits + 1) digits = after;
  }
  if (digits == std::string_view::npos) digits = text.size();
  Length length;
  const std::string_view name = text.substr(digits);
  if (!name.empty()) length.unit = unit_long_name(name);
  if (!try_parse(text.substr(0, digits), length.value) || (!name.empty() && length.unit.empty()))
    fail_usage("'" + std::string(text) + "' is not a length; write voxels (3) or a unit (3um, 0.1mm)");
  return length;
}

Vector3 length_in_voxels(const Length& length, const VolumeMeta& meta) {
  if (length.unit.empty()) return {length.value, length.value, length.value};
  const double volume_unit = meta.unit ? unit_in_metres(*meta.unit) : 0;
  if (!meta.spacing || volume_unit == 0)
    fail_usage("a length in " + length.unit +
               " needs a volume with spacing and unit; give them with --spacing Z,Y,X --unit " +
               unit_short_name(length.unit));
  const double in_volume_unit = length.value * (unit_in_metres(length.unit) / volume_unit);
  const Vector3& spacing = *meta.spacing;
  return {in_volume_unit / spacing[0], in_volume_unit / spacing[1], in_volume_unit / spacing[2]};
}

ObjectSize parse_object_size(std::string_view text) {
  const auto refuse = [&] {
    fail_usage("'" + std::string(text) +
               "' is not a size; write voxels (500) or a cubed unit (500um3, 0.1mm3)");
  };
  ObjectSize size;
  std::int64_t count = 0;
  if (try_parse(text, count)) {
    size.value = static_cast<double>(count);
  } else {
    std::string_view length = text;
    for (const std::string_view cubed : {"^3", "3", "\u00b3"})
      if (length.size() == text.size() && length.ends_with(cubed)) length.remove_suffix(cubed.size());
    if (length.size() == text.size()) refuse();
    const std::size_t last = length.find_last_of("0123456789.");
    size.unit = unit_long_name(length.substr(last == std::string_view::npos ? 0 : last + 1));
    if (size.unit.empty() || !try_parse(length.substr(0, last + 1), size.value)) refuse();
  }
  if (!(size.value >= 0)) refuse();
  return size;
}

double size_in_voxels(const ObjectSize& size, const VolumeMeta& meta) {
  if (size.unit.empty()) return size.value;
  const Vector3 edge = length_in_voxels({1, size.unit}, meta);
  return size.value * (edge[0] * edge[1] * edge[2]);
}

}  // namespace vox
