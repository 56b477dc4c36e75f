#include "ops/stats/compare_report.h"

#include <array>
#include <cmath>

#include "core/json_text.h"
#include "core/numbers.h"

namespace vox {
namespace {

std::string place(const Extent3& index) {
  return "z=" + std::to_string(index.z) + " y=" + std::to_string(index.y) + " x=" + std::to_string(index.x);
}

std::string place_json(const Extent3& index) { return json_text(std::array{index.z, index.y, index.x}); }

std::string share_of(std::int64_t part, std::int64_t whole) {
  return format_rounded(100 * static_cast<double>(part) / static_cast<double>(whole), 3) + " %";
}

/// The digits as they are; null for NaN and infinities.
std::string number_json(const std::string& digits) {
  double value = 0;
  return try_parse(digits, value) && std::isfinite(value) ? digits : "null";
}

}  // namespace

std::string comparison_text(const Comparison& found, double tolerance) {
  const std::string within = tolerance > 0 ? " within " + format_number(tolerance) : "";
  std::string text = found.equal() ? "equal" + within + ": " + format_count(found.voxels) + " voxels\n"
                                   : "different" + within + ": " + format_count(found.differing) + " of " +
                                         format_count(found.voxels) + " voxels (" +
                                         share_of(found.differing, found.voxels) + ")\n";
  if (found.first)
    text += "first difference     " + place(found.first->index) + ": " + found.first->a + " and " +
            found.first->b + "\n";
  if (found.unmatched > 0)
    text += "not comparable       " + format_count(found.unmatched) + " (NaN or infinite in one only)\n";
  if (found.max_abs != "0") {
    text += "maximum |difference| " + found.max_abs + "\n";
    text += "mean |difference|    " + format_rounded(found.mean_abs, 6) + "\n";
    text += "PSNR                 " + format_rounded(found.psnr, 5) + " dB (peak " +
            format_number(found.peak) + ")\n";
  }
  return text;
}

std::string comparison_json(const Comparison& found, double tolerance) {
  JsonObject json;
  json.add("equal", found.equal()).add("tolerance", tolerance).add("voxels", found.voxels);
  json.add("differing", found.differing).add("not_comparable", found.unmatched);
  json.add_json("max_abs", number_json(found.max_abs)).add("mean_abs", found.mean_abs);
  json.add("psnr", found.psnr).add("peak", found.peak);
  json.add_json("first", found.first ? place_json(found.first->index) : "null");
  json.add_json("first_a", found.first ? number_json(found.first->a) : "null");
  json.add_json("first_b", found.first ? number_json(found.first->b) : "null");
  return json.text() + "\n";
}

std::string comparison_text(const LabelComparison& found) {
  const std::string counts =
      format_count(found.labels_a) + " and " + format_count(found.labels_b) + " labels\n";
  if (found.equal()) return "equal up to renumbering: " + counts;
  return "different beyond renumbering: " + counts + "first difference     " + place(*found.first) + "\n";
}

std::string comparison_json(const LabelComparison& found) {
  JsonObject json;
  json.add("equal", found.equal()).add("labels_a", found.labels_a).add("labels_b", found.labels_b);
  json.add_json("first", found.first ? place_json(*found.first) : "null");
  return json.text() + "\n";
}

}  // namespace vox
