// How the bits of voxels sort: unsigned integers as they are, signed ones with the sign bit turned over,
// floating ones with all bits turned over where the sign is set. All work on the n highest bits as well as on
// all of them.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "core/dtype.h"

namespace vox {

enum class BitOrder { unsigned_integer, signed_integer, floating };

inline BitOrder bit_order(DType dtype) {
  if (is_float(dtype)) return BitOrder::floating;
  return is_signed(dtype) ? BitOrder::signed_integer : BitOrder::unsigned_integer;
}

/// A number that sorts as the voxel does. `bits` are the voxel's `width` highest bits. -0 comes right before
/// +0.
inline std::uint64_t order_key(std::uint64_t bits, int width, BitOrder order) {
  const std::uint64_t sign = std::uint64_t{1} << (width - 1);
  if (order == BitOrder::unsigned_integer) return bits;
  if (order == BitOrder::signed_integer) return bits ^ sign;
  return bits & sign ? ~bits & (sign | (sign - 1)) : bits | sign;
}

/// The inverse of `order_key`.
inline std::uint64_t bits_of_key(std::uint64_t key, int width, BitOrder order) {
  const std::uint64_t sign = std::uint64_t{1} << (width - 1);
  if (order == BitOrder::unsigned_integer) return key;
  if (order == BitOrder::signed_integer) return key ^ sign;
  return key & sign ? key ^ sign : ~key & (sign | (sign - 1));
}

/// The value of a voxel given by its bits, with every digit of a 64-bit integer; -0 becomes 0.
inline long double exact_value_of_bits(std::uint64_t bits, DType dtype) {
  return visit_dtype(dtype, [&]<class T>(Type<T>) -> long double {
    T value;
    std::memcpy(static_cast<void*>(&value), &bits, sizeof value);
    if constexpr (std::is_integral_v<T>)
      return value;
    else
      return as_double(value) + 0.0;
  });
}

/// The same rounded to a double.
inline double value_of_bits(std::uint64_t bits, DType dtype) {
  return static_cast<double>(exact_value_of_bits(bits, dtype));
}

/// The exponent field of a floating type, all ones in infinities and NaN, at its place in the `width` highest
/// bits.
inline std::uint64_t exponent_field(DType dtype, int width) {
  const int digits = dtype == DType::float16 ? 10 : dtype == DType::float32 ? 23 : 52;
  const int drop = 8 * static_cast<int>(size_of(dtype)) - width;
  const std::uint64_t sign = std::uint64_t{1} << (width - 1);
  return (sign - 1) & ~((std::uint64_t{1} << (digits - drop)) - 1);
}

}  // namespace vox
