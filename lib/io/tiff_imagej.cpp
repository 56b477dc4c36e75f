#include "io/tiff_imagej.h"

#include <array>
#include <cmath>
#include <limits>
#include <map>

#include "core/numbers.h"
#include "core/units.h"

namespace vox {
namespace {

constexpr std::string_view kSignature = "ImageJ=";
/// ImageJ's rule: 72 dots per inch is what programs write that know nothing.
constexpr double kMeaninglessPixel = 1.0 / 72;
constexpr std::string_view kStraightLine = "0";

using Keys = std::map<std::string, std::string>;

Keys parse_lines(const std::string& description) {
  Keys keys;
  for (const std::string& line : split(description, '\n')) {
    const std::size_t equals = line.find('=');
    if (equals != std::string::npos)
      keys.emplace(trimmed(line.substr(0, equals)), trimmed(line.substr(equals + 1)));
  }
  return keys;
}

std::optional<double> number_of(const Keys& keys, const std::string& name) {
  const auto found = keys.find(name);
  double value = 0;
  if (found == keys.end() || !try_parse(found->second, value) || !std::isfinite(value)) return {};
  return value;
}

std::int64_t count_of(const Keys& keys, const std::string& name, std::int64_t missing) {
  const auto found = keys.find(name);
  std::int64_t value = 0;
  return found != keys.end() && try_parse(found->second, value) && value > 0 ? value : missing;
}

/// ImageJ escapes what is not ASCII as \u00B5; older versions write the bare Latin-1 byte.
std::string unescaped_unit(const std::string& text) {
  for (std::string_view micro : {"\\u00B5", "\\u00b5", "\\u03BC", "\\u03bc", "\xc2\xb5", "\xce\xbc", "\xb5"})
    if (text.starts_with(micro)) return unit_long_name("u" + text.substr(micro.size()));
  for (std::string_view angstrom : {"\\u00C5", "\\u00c5", "\xc5"})
    if (text == angstrom) return unit_long_name("angstrom");
  return unit_long_name(text);
}

void add_line(std::string& text, const char* name, const std::string& value) {
  text += std::string(name) + "=" + value + "\n";
}
void add_line(std::string& text, const char* name, double value) {
  add_line(text, name, format_number(value));
}
void add_line(std::string& text, const char* name, std::int64_t value) {
  add_line(text, name, std::to_string(value));
}

void add_value_map(const VolumeMeta& meta, std::string& text) {
  add_line(text, "cf", std::string(kStraightLine));
  add_line(text, "c0", meta.value_map->intercept);
  add_line(text, "c1", meta.value_map->slope);
  add_line(text, "vunit", std::string("Gray Value"));
}

void add_origin(const VolumeMeta& meta, std::string& text) {
  constexpr std::array kNames = {"zorigin", "yorigin", "xorigin"};
  for (std::size_t axis = 3; axis-- > 0;)
    if ((*meta.origin)[axis] != 0)
      add_line(text, kNames[axis], -(*meta.origin)[axis] / (*meta.spacing)[axis]);
}

}  // namespace

std::optional<ImageJFacts> parse_imagej(const std::string& description) {
  if (!description.starts_with(kSignature)) return {};
  const Keys keys = parse_lines(description);
  ImageJFacts facts;
  facts.images = count_of(keys, "images", 0);
  facts.channels = count_of(keys, "channels", 1);
  facts.slices = count_of(keys, "slices", 0);
  facts.frames = count_of(keys, "frames", 1);
  facts.spacing = number_of(keys, "spacing");
  if (facts.spacing) facts.spacing = std::abs(*facts.spacing);
  if (facts.spacing == 0.0) facts.spacing.reset();
  if (keys.contains("unit")) facts.unit = unescaped_unit(keys.at("unit"));
  const auto z = number_of(keys, "zorigin");
  const auto y = number_of(keys, "yorigin");
  const auto x = number_of(keys, "xorigin");
  if (z || y || x) facts.origin_pixels = {z.value_or(0), y.value_or(0), x.value_or(0)};
  const auto intercept = number_of(keys, "c0");
  const auto slope = number_of(keys, "c1");
  if (keys.contains("cf") && keys.at("cf") == kStraightLine && intercept && slope)
    facts.value_map = ValueMap{*slope, *intercept};
  return facts;
}

void apply_imagej(const ImageJFacts& facts, const TiffResolution& resolution, VolumeMeta& meta) {
  meta.value_map = facts.value_map;
  std::string unit = facts.unit;
  double y = resolution.y;
  double x = resolution.x;
  if (unit.empty() && resolution.unit == 2 && std::abs(x - kMeaninglessPixel) < 1e-6) y = x = 0;
  if (unit.empty() && x > 0 && resolution.unit != 1) unit = resolution.unit == 2 ? "inch" : "centimeter";
  const bool calibrated = facts.spacing || !unit.empty() || (x > 0 && x != 1) || (y > 0 && y != 1);
  // ImageJ writes no spacing when it is 1, but only for stacks: of a single slice it is not known.
  const bool is_stack = facts.images > 1 || facts.slices > 1;
  if (!calibrated || !(facts.spacing || is_stack)) return;
  if (x <= 0) x = y > 0 ? y : 1;
  if (y <= 0) y = x;
  const Vector3 spacing = {facts.spacing.value_or(1), y, x};
  meta.spacing = spacing;
  if (!unit.empty()) meta.unit = unit;
  if (!facts.origin_pixels) return;
  const Vector3& zero = *facts.origin_pixels;
  // Minus zero would be printed as such.
  meta.origin = {0 - zero[0] * spacing[0], 0 - zero[1] * spacing[1], 0 - zero[2] * spacing[2]};
}

MetaFields imagej_fields(const VolumeMeta& meta) {
  const bool spacing = meta.spacing && tiff_resolution((*meta.spacing)[1]).numerator != 0 &&
                       tiff_resolution((*meta.spacing)[2]).numerator != 0;
  return {.spacing = spacing,
          .unit = spacing && meta.unit && unit_in_metres(*meta.unit) > 0,
          .origin = spacing,
          .value_map = meta.dtype == DType::uint8 || meta.dtype == DType::uint16};
}

std::string imagej_description(const VolumeMeta& meta, bool one_image, bool contiguous) {
  const std::int64_t planes = one_image ? 1 : meta.shape.z;
  std::string text = std::string(kSignature) + "1.11a\n";
  if (planes > 1 && contiguous) add_line(text, "images", planes);
  if (planes > 1) add_line(text, "slices", planes);
  const MetaFields held = imagej_fields(meta);
  if (held.unit) {
    const std::string unit = unit_short_name(*meta.unit);
    add_line(text, "unit", unit == "in" ? "inch" : unit);
  }
  if (held.spacing) add_line(text, "spacing", (*meta.spacing)[0]);
  if (held.value_map && meta.value_map) add_value_map(meta, text);
  if (planes > 1) add_line(text, "loop", std::string("false"));
  if (meta.range) {
    add_line(text, "min", meta.range->low);
    add_line(text, "max", meta.range->high);
  }
  if (held.origin && meta.origin) add_origin(meta, text);
  return text;
}

TiffRational tiff_resolution(double spacing) {
  constexpr double kLargest = std::numeric_limits<std::uint32_t>::max();
  // Convergents p / q of the continued fraction of `spacing`.
  double p_before = 0, p = 1, q_before = 1, q = 0;
  for (double rest = spacing; std::isfinite(rest);) {
    const double whole = std::floor(rest);
    const double p_next = whole * p + p_before;
    const double q_next = whole * q + q_before;
    if (p_next > kLargest || q_next > kLargest) break;
    p_before = p, p = p_next, q_before = q, q = q_next;
    if (p / q == spacing) break;
    rest = 1 / (rest - whole);
  }
  if (p < 1 || q < 1 || std::abs(p / q - spacing) > 1e-6 * spacing) return {0, 1};
  return {static_cast<std::uint32_t>(q), static_cast<std::uint32_t>(p)};
}

}  // namespace vox
