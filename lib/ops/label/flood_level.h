// Values of voxels as unsigned integers that sort like them: what floods rise by.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "core/dtype.h"

namespace vox {

template <int kBytes>
using UnsignedOf =
    std::conditional_t<kBytes == 8, std::uint64_t,
                       std::conditional_t<kBytes == 4, std::uint32_t,
                                          std::conditional_t<kBytes == 2, std::uint16_t, std::uint8_t>>>;

/// Levels of bytes take two, so that there are three kinds.
inline std::int64_t level_bytes(DType dtype) { return size_of(dtype) == 1 ? 2 : size_of(dtype); }

/// The levels of a type. -0 is 0; every NaN is the highest level, above infinity.
template <class T>
struct FloodLevels {
  using Bits = UnsignedOf<sizeof(T)>;
  using Level = UnsignedOf<sizeof(T) == 1 ? 2 : sizeof(T)>;
  static constexpr auto kSign = static_cast<Bits>(Bits{1} << (8 * sizeof(T) - 1));
  static constexpr Level kNan = std::numeric_limits<Bits>::max();

  static Level of(T value) {
    const auto bits = std::bit_cast<Bits>(value);
    if constexpr (is_float_type<T>) {
      if (std::isnan(as_double(value))) return kNan;
      if ((bits & ~kSign) == 0) return kSign;
      return static_cast<Bits>(bits & kSign ? ~bits : bits | kSign);
    } else {
      return std::is_signed_v<T> ? static_cast<Bits>(bits ^ kSign) : bits;
    }
  }

  /// The inverse; not for NaN.
  static T value(Level level) {
    const auto key = static_cast<Bits>(level);
    if constexpr (is_float_type<T>)
      return std::bit_cast<T>(static_cast<Bits>(key & kSign ? key ^ kSign : ~key));
    else
      return std::bit_cast<T>(static_cast<Bits>(std::is_signed_v<T> ? key ^ kSign : key));
  }

  /// The level of value + height, rounded as the type does; integers end at the highest of their type, and
  /// heights are whole numbers for them.
  static Level raised(Level level, double height) {
    if constexpr (is_float_type<T>) {
      if (level == kNan) return level;
      if constexpr (std::is_same_v<T, float>) return of(value(level) + static_cast<float>(height));
      return of(T(as_double(value(level)) + height));
    } else {
      const double room = static_cast<double>(kNan - level);
      return height >= room ? kNan : static_cast<Level>(level + static_cast<Bits>(height));
    }
  }
};

}  // namespace vox
