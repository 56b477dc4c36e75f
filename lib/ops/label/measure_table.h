// Measurements of objects as a table: CSV or JSON, one object a line.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/meta.h"
#include "ops/label/object_measure.h"

namespace vox {

/// Intensities of an object over its finite voxels; NaN where there are none.
struct ObjectIntensity {
  double min = 0;
  double max = 0;
  double mean = 0;
  double std = 0;  ///< population
  double sum = 0;
  Vector3 centre{};  ///< weighted by intensity, in voxels; NaN when the sum is 0
};

enum class TableForm { csv, json };
/// By the extension of `path`; throws a usage error that names `option` for any other than .csv and .json.
TableForm table_form(const std::string& path, const std::string& option);

/// Writes a table line by line, so that it never lies in memory as a whole. Columns: label voxels volume z0
/// y0 x0 z1 y1 x1 cz cy cx cz_phys cy_phys cx_phys equivalent_diameter touches_border, and with intensities
/// int_min int_max int_mean int_std int_sum wz wy wx. Boxes are half-open; volume and diameter (of the ball
/// of the same volume) by the spacing; *_phys in world coordinates. JSON is an array of objects with these
/// keys.
class MeasureTable {
 public:
  using Write = std::function<void(std::string_view text)>;

  MeasureTable(TableForm form, bool intensities, const VolumeMeta& meta, Write write);
  MeasureTable(const MeasureTable&) = delete;
  MeasureTable& operator=(const MeasureTable&) = delete;

  /// `label`: its digits. `intensity` is null when there are none.
  void add(const std::string& label, const ObjectMeasure& object, const ObjectIntensity* intensity);
  /// The end of the table; writes what is left.
  void finish();

 private:
  void field(std::string_view name, const std::string& digits);
  void number(std::string_view name, double value);
  void write_when_long(std::size_t length);

  TableForm form_;
  VolumeMeta meta_;
  Write write_;
  std::string text_;
  bool first_object_ = true;
  bool first_field_ = true;
};

}  // namespace vox
