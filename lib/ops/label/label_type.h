// The types and the meta of volumes of labels.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/meta.h"

namespace vox {

/// The names of the types that labels may have: whole numbers.
std::vector<std::string> label_type_names();

/// The smallest of uint8, uint16, uint32 and uint64 that holds `count`, or `wanted`. Throws when that does
/// not hold it: labels never wrap.
DType label_type_for(std::int64_t count, std::optional<DType> wanted);

/// Behind a step that makes labels: kind labels, and nothing that speaks of intensities.
VolumeMeta meta_of_labels(const VolumeMeta& input, DType dtype);

/// Throws a usage error that begins with `name` unless `dtype` can be one of labels.
void check_label_type(DType dtype, const std::string& name);

}  // namespace vox
