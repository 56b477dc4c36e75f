// The names that MetaImage has for voxel types.
#pragma once

#include <string_view>

#include "core/dtype.h"

namespace vox {

struct MetaImageType {
  std::string_view name;
  DType dtype;
};

/// A LONG has four bytes in every file, whatever it has on the machine.
inline constexpr MetaImageType kMetaImageTypes[] = {
    {"MET_CHAR", DType::int8},         {"MET_UCHAR", DType::uint8},   {"MET_SHORT", DType::int16},
    {"MET_USHORT", DType::uint16},     {"MET_INT", DType::int32},     {"MET_UINT", DType::uint32},
    {"MET_LONG", DType::int32},        {"MET_ULONG", DType::uint32},  {"MET_LONG_LONG", DType::int64},
    {"MET_ULONG_LONG", DType::uint64}, {"MET_FLOAT", DType::float32}, {"MET_DOUBLE", DType::float64}};

}  // namespace vox
