#include "ops/label/measure_table.h"

#include <array>
#include <cmath>
#include <numbers>

#include "core/error.h"
#include "core/json_text.h"
#include "core/numbers.h"

namespace vox {
namespace {

constexpr std::size_t kWriteBytes = 256 << 10;

constexpr const char* kColumns =
    "label,voxels,volume,z0,y0,x0,z1,y1,x1,cz,cy,cx,cz_phys,cy_phys,cx_phys,equivalent_diameter,touches_"
    "border";
constexpr const char* kIntensityColumns = ",int_min,int_max,int_mean,int_std,int_sum,wz,wy,wx";

Vector3 centre_of(const ObjectMeasure& object) {
  const auto mean = [&](ObjectMeasure::Sum sum) {
    return static_cast<double>(sum) / static_cast<double>(object.voxels);
  };
  return {mean(object.z), mean(object.y), mean(object.x)};
}

/// Where a position in voxels lies in the world.
Vector3 in_world(const Vector3& position, const VolumeMeta& meta) {
  const Vector3 steps = meta.spacing.value_or(Vector3{1, 1, 1});
  Vector3 world = meta.origin.value_or(Vector3{0, 0, 0});
  for (std::size_t i = 0; i < 3; ++i) {
    if (!meta.direction) {
      world[i] += position[i] * steps[i];
      continue;
    }
    for (std::size_t k = 0; k < 3; ++k) world[i] += (*meta.direction)[i * 3 + k] * (position[k] * steps[k]);
  }
  return world;
}

}  // namespace

TableForm table_form(const std::string& path, const std::string& option) {
  if (path.ends_with(".csv")) return TableForm::csv;
  if (path.ends_with(".json")) return TableForm::json;
  fail_usage(option + " " + path + ": tables are CSV or JSON; name a file ending in .csv or .json");
}

MeasureTable::MeasureTable(TableForm form, bool intensities, const VolumeMeta& meta, Write write)
    : form_(form), meta_(meta), write_(std::move(write)) {
  if (form_ == TableForm::json)
    text_ = "[";
  else
    text_ = std::string(kColumns) + (intensities ? kIntensityColumns : "") + "\n";
}

void MeasureTable::field(std::string_view name, const std::string& digits) {
  if (!first_field_) text_ += form_ == TableForm::json ? ", " : ",";
  first_field_ = false;
  if (form_ == TableForm::json) text_.append("\"").append(name).append("\": ");
  text_ += digits;
}

void MeasureTable::number(std::string_view name, double value) {
  field(name, form_ == TableForm::json ? json_text(value) : format_number(value));
}

void MeasureTable::add(const std::string& label, const ObjectMeasure& object,
                       const ObjectIntensity* intensity) {
  if (form_ == TableForm::json) text_ += first_object_ ? "\n{" : ",\n{";
  first_object_ = false;
  first_field_ = true;
  const auto whole = [this](const char* name, std::int64_t value) { field(name, std::to_string(value)); };
  const Vector3 steps = meta_.spacing.value_or(Vector3{1, 1, 1});
  const double volume = static_cast<double>(object.voxels) * (steps[0] * steps[1] * steps[2]);
  field("label", label);
  whole("voxels", object.voxels);
  number("volume", volume);
  whole("z0", object.box.begin.z);
  whole("y0", object.box.begin.y);
  whole("x0", object.box.begin.x);
  whole("z1", object.box.end.z);
  whole("y1", object.box.end.y);
  whole("x1", object.box.end.x);
  const auto vector = [this](const std::array<const char*, 3>& names, const Vector3& value) {
    for (std::size_t i = 0; i < 3; ++i) number(names[i], value[i]);
  };
  const Vector3 centre = centre_of(object);
  vector({"cz", "cy", "cx"}, centre);
  vector({"cz_phys", "cy_phys", "cx_phys"}, in_world(centre, meta_));
  number("equivalent_diameter", std::cbrt(6 * volume / std::numbers::pi));
  whole("touches_border", object.touches_border(meta_.shape) ? 1 : 0);
  if (intensity != nullptr) {
    number("int_min", intensity->min);
    number("int_max", intensity->max);
    number("int_mean", intensity->mean);
    number("int_std", intensity->std);
    number("int_sum", intensity->sum);
    vector({"wz", "wy", "wx"}, intensity->centre);
  }
  text_ += form_ == TableForm::json ? "}" : "\n";
  write_when_long(kWriteBytes);
}

void MeasureTable::finish() {
  if (form_ == TableForm::json) text_ += "\n]\n";
  write_when_long(1);
}

void MeasureTable::write_when_long(std::size_t length) {
  if (text_.size() < length) return;
  write_(text_);
  text_.clear();
}

}  // namespace vox
