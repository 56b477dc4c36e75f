// The voxel types, and the only switch over them in the project.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "core/float16.h"

namespace vox {

enum class DType { uint8, uint16, uint32, uint64, int8, int16, int32, int64, float16, float32, float64 };

/// All types, in the order of the enumeration.
inline constexpr DType kAllDTypes[] = {DType::uint8,   DType::uint16,  DType::uint32, DType::uint64,
                                       DType::int8,    DType::int16,   DType::int32,  DType::int64,
                                       DType::float16, DType::float32, DType::float64};

template <class T>
struct Type {
  using type = T;
};

/// Calls `visitor(Type<T>{})` with the C++ type of `dtype`. Use it once per block, never per voxel.
template <class Visitor>
decltype(auto) visit_dtype(DType dtype, Visitor&& visitor) {
  switch (dtype) {
    case DType::uint8:
      return visitor(Type<std::uint8_t>{});
    case DType::uint16:
      return visitor(Type<std::uint16_t>{});
    case DType::uint32:
      return visitor(Type<std::uint32_t>{});
    case DType::uint64:
      return visitor(Type<std::uint64_t>{});
    case DType::int8:
      return visitor(Type<std::int8_t>{});
    case DType::int16:
      return visitor(Type<std::int16_t>{});
    case DType::int32:
      return visitor(Type<std::int32_t>{});
    case DType::int64:
      return visitor(Type<std::int64_t>{});
    case DType::float16:
      return visitor(Type<float16>{});
    case DType::float32:
      return visitor(Type<float>{});
    case DType::float64:
      return visitor(Type<double>{});
  }
  __builtin_unreachable();
}

template <class T>
inline constexpr bool is_float_type = std::is_same_v<T, float16> || std::is_floating_point_v<T>;

/// The value of any voxel type as a double (rounded only for 64-bit integers beyond 2^53).
template <class T>
double as_double(T value) {
  return static_cast<double>(value);
}

std::int64_t size_of(DType dtype);
bool is_float(DType dtype);
bool is_signed(DType dtype);
/// Smallest and largest value of an integer type; -inf and inf for floating types.
double lowest_of(DType dtype);
double highest_of(DType dtype);
/// Largest finite value of a floating type; the largest value of an integer type.
double max_finite_of(DType dtype);

/// NumPy's name: "uint16", "float32".
std::string_view dtype_name(DType dtype);
/// REQUIRES: a NumPy name; throws a usage error that lists the names.
DType parse_dtype(std::string_view name);
/// As `parse_dtype`, but false instead of an error.
bool try_parse_dtype(std::string_view name, DType& dtype);

}  // namespace vox
