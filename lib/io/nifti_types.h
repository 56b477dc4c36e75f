// The numbers that NIfTI has for voxel types.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include "core/dtype.h"

namespace vox {

inline constexpr std::array<std::pair<std::int64_t, DType>, 10> kNiftiTypes = {{{2, DType::uint8},
                                                                                {4, DType::int16},
                                                                                {8, DType::int32},
                                                                                {16, DType::float32},
                                                                                {64, DType::float64},
                                                                                {256, DType::int8},
                                                                                {512, DType::uint16},
                                                                                {768, DType::uint32},
                                                                                {1024, DType::int64},
                                                                                {1280, DType::uint64}}};

}  // namespace vox
