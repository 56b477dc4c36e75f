// Any change of values as a table, for types with few values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "core/dtype.h"

namespace vox {

/// Outputs for every bit pattern of a type of one or two bytes, from a function that converts `count` voxels.
/// Empty for types of more bytes.
using ConvertRun = std::function<void(const std::byte* in, std::byte* out, std::int64_t count)>;
std::vector<std::byte> make_value_table(DType from, DType to, const ConvertRun& convert);

/// `count` voxels of type `from` through a table of type `to`. REQUIRES: a table that `make_value_table`
/// made.
void look_up_voxels(DType from, const std::byte* in, DType to, std::byte* out, std::int64_t count,
                    const std::byte* table);

}  // namespace vox
