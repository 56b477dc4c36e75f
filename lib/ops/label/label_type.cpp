#include "ops/label/label_type.h"

#include "core/error.h"
#include "core/numbers.h"

namespace vox {

std::vector<std::string> label_type_names() {
  std::vector<std::string> names;
  for (const DType dtype : kAllDTypes)
    if (!is_float(dtype)) names.emplace_back(dtype_name(dtype));
  return names;
}

DType label_type_for(std::int64_t count, std::optional<DType> wanted) {
  const auto holds = [count](DType dtype) { return static_cast<double>(count) <= highest_of(dtype); };
  if (wanted) {
    if (!holds(*wanted))
      fail(format_count(count) + " labels do not fit " + std::string(dtype_name(*wanted)) +
           "; leave out --dtype, or name a larger type");
    return *wanted;
  }
  for (const DType dtype : {DType::uint8, DType::uint16, DType::uint32})
    if (holds(dtype)) return dtype;
  return DType::uint64;
}

VolumeMeta meta_of_labels(const VolumeMeta& input, DType dtype) {
  return with_new_values(input, dtype, Kind::labels);
}

void check_label_type(DType dtype, const std::string& name) {
  if (is_float(dtype))
    fail_usage(name + ": labels are whole numbers, not " + std::string(dtype_name(dtype)) +
               "; find objects with vlabel components, or convert with vconvert -t");
}

}  // namespace vox
