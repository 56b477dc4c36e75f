#include "core/dtype.h"

#include <array>

#include "core/error.h"

namespace vox {
namespace {

constexpr std::array<std::string_view, 11> kNames = {"uint8",   "uint16",  "uint32", "uint64",
                                                     "int8",    "int16",   "int32",  "int64",
                                                     "float16", "float32", "float64"};

}  // namespace

std::int64_t size_of(DType dtype) {
  return visit_dtype(dtype,
                     [](auto t) { return static_cast<std::int64_t>(sizeof(typename decltype(t)::type)); });
}

bool is_float(DType dtype) {
  return visit_dtype(dtype, [](auto t) { return is_float_type<typename decltype(t)::type>; });
}

bool is_signed(DType dtype) {
  return visit_dtype(dtype, [](auto t) {
    using T = typename decltype(t)::type;
    return is_float_type<T> || std::is_signed_v<T>;
  });
}

double lowest_of(DType dtype) {
  return visit_dtype(dtype, [](auto t) {
    using T = typename decltype(t)::type;
    if constexpr (is_float_type<T>)
      return -std::numeric_limits<double>::infinity();
    else
      return static_cast<double>(std::numeric_limits<T>::lowest());
  });
}

double highest_of(DType dtype) {
  return visit_dtype(dtype, [](auto t) {
    using T = typename decltype(t)::type;
    if constexpr (is_float_type<T>)
      return std::numeric_limits<double>::infinity();
    else
      return static_cast<double>(std::numeric_limits<T>::max());
  });
}

double max_finite_of(DType dtype) {
  return visit_dtype(dtype, [](auto t) {
    using T = typename decltype(t)::type;
    if constexpr (std::is_same_v<T, float16>)
      return 65504.0;
    else
      return static_cast<double>(std::numeric_limits<T>::max());
  });
}

std::string_view dtype_name(DType dtype) { return kNames[static_cast<std::size_t>(dtype)]; }

bool try_parse_dtype(std::string_view name, DType& dtype) {
  for (DType candidate : kAllDTypes) {
    if (dtype_name(candidate) != name) continue;
    dtype = candidate;
    return true;
  }
  return false;
}

DType parse_dtype(std::string_view name) {
  DType dtype{};
  if (try_parse_dtype(name, dtype)) return dtype;
  std::string list;
  for (std::string_view known : kNames) list += (list.empty() ? "" : ", ") + std::string(known);
  fail_usage("unknown dtype '" + std::string(name) + "'; known: " + list);
}

}  // namespace vox
