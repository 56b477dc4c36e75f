#include <algorithm>
#include <cctype>
#include <cmath>
#include <optional>

#include "core/numbers.h"
#include "core/unit_ratio.h"
#include "core/units.h"
#include "io/nrrd_header.h"
#include "io/text_header.h"

namespace vox {
namespace {

/// The texts in quotes.
std::vector<std::string> quoted_texts(const std::string& text) {
  std::vector<std::string> texts;
  bool inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      inside = !inside;
      if (inside) texts.emplace_back();
    } else if (inside) {
      if (text[i] == '\\' && i + 1 < text.size()) ++i;
      texts.back() += text[i];
    }
  }
  return texts;
}

/// "(1,0,0) none (0,1,0)": vectors as long as the space has dimensions, cut or filled to 3; empty for none.
std::vector<std::optional<Vector3>> parse_vectors(const std::string& text) {
  std::vector<std::optional<Vector3>> vectors;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text.compare(at, 4, "none") == 0) vectors.emplace_back();
    if (text[at] != '(') continue;
    const std::size_t end = std::min(text.find(')', at), text.size());
    Vector3 vector{};
    std::size_t i = 0;
    for (const std::string& part : split(text.substr(at + 1, end - at - 1), ',')) {
      double value = 0;
      if (!try_parse(trimmed(part), value)) value = std::nan("");
      if (i < 3) vector[i++] = value;
    }
    vectors.emplace_back(vector);
    at = end;
  }
  return vectors;
}

/// +1 or -1 for each component: from the space of the header to left-posterior-superior.
Vector3 signs_of(std::string space) {
  std::transform(space.begin(), space.end(), space.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const bool ras = space.starts_with("right-anterior-superior") || space == "ras" || space == "rast";
  const bool las = space.starts_with("left-anterior-superior") || space == "las" || space == "last";
  return {ras ? -1.0 : 1.0, ras || las ? -1.0 : 1.0, 1.0};
}

/// The unit of X, and factors that lead from each other unit to it; no unit when they cannot be compared.
std::optional<std::string> common_unit(const std::vector<std::string>& names, Vector3& factors) {
  factors = {1, 1, 1};
  if (names.empty() || names[0].empty()) return std::nullopt;
  const std::string first = unit_long_name(names[0]);
  for (std::size_t i = 1; i < std::min<std::size_t>(names.size(), 3); ++i) {
    if (names[i] == names[0] || names[i].empty()) continue;
    const std::string other = unit_long_name(names[i]);
    if (first.empty() || other.empty()) return std::nullopt;
    factors[i] = unit_ratio(other, first);
  }
  return first.empty() ? names[0] : first;
}

double length_of(const Vector3& v) { return std::sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]); }

/// From `space directions`: each vector leads from one voxel to the next. A plane's third axis stands upright
/// on it, with steps of 1.
void read_directions(const NrrdHeader& header, const NrrdAxes& axes, const Vector3& factors,
                     VolumeMeta& meta) {
  const auto vectors = parse_vectors(header.field("space directions"));
  const Vector3 signs = signs_of(header.field("space"));
  HeaderAxes unit_axes{};
  Vector3 spacing{1, 1, 1};
  for (std::size_t i = 0; i < axes.chosen.size(); ++i) {
    if (axes.chosen[i] >= vectors.size() || !vectors[axes.chosen[i]]) return;
    Vector3 vector = *vectors[axes.chosen[i]];
    for (std::size_t k = 0; k < 3; ++k) vector[k] *= signs[k] * factors[k];
    // Along an axis the length is that component itself, without rounding.
    spacing[i] = length_of(vector);
    for (std::size_t k = 0; k < 3; ++k)
      if (vector[(k + 1) % 3] == 0 && vector[(k + 2) % 3] == 0) spacing[i] = std::abs(vector[k]);
    for (std::size_t k = 0; k < 3; ++k) unit_axes[i][k] = vector[k] / spacing[i];
  }
  if (axes.chosen.size() == 2) unit_axes[2] = cross(unit_axes[0], unit_axes[1]);
  if (!is_spacing(spacing)) return;
  meta.spacing = reversed(spacing);
  meta.direction = direction_of(unit_axes);
}

void read_spacings(const NrrdHeader& header, const NrrdAxes& axes, VolumeMeta& meta) {
  const std::vector<double> steps = header_numbers(header.field("spacings"));
  const std::vector<std::string> names = quoted_texts(header.field("units"));
  Vector3 spacing{1, 1, 1};
  std::vector<std::string> units;
  for (std::size_t i = 0; i < axes.chosen.size(); ++i) {
    if (axes.chosen[i] >= steps.size()) return;
    spacing[i] = steps[axes.chosen[i]];
    units.push_back(axes.chosen[i] < names.size() ? names[axes.chosen[i]] : "");
  }
  Vector3 factors{};
  const auto unit = common_unit(units, factors);
  for (std::size_t i = 0; i < 3; ++i) spacing[i] *= factors[i];
  if (!is_spacing(spacing)) return;
  meta.spacing = reversed(spacing);
  if (unit) meta.unit = unit;
}

}  // namespace

void read_nrrd_geometry(const NrrdHeader& header, const NrrdAxes& axes, VolumeMeta& meta) {
  Vector3 factors{};
  meta.unit = common_unit(quoted_texts(header.field("space units")), factors);
  read_directions(header, axes, factors, meta);
  if (!meta.spacing) read_spacings(header, axes, meta);
  const auto origins = parse_vectors(header.field("space origin"));
  if (origins.empty() || !origins[0]) return;
  Vector3 origin = *origins[0];
  const Vector3 signs = signs_of(header.field("space"));
  for (std::size_t k = 0; k < 3; ++k) origin[k] = origin[k] == 0 ? 0 : origin[k] * signs[k] * factors[k];
  if (std::all_of(origin.begin(), origin.end(), [](double value) { return std::isfinite(value); }))
    meta.origin = reversed(origin);
}

}  // namespace vox
