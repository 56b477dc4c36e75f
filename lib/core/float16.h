// IEEE 754 binary16 as a storage type: no arithmetic, only exact widening and rounding to nearest even.
#pragma once

#include <bit>
#include <cstdint>

namespace vox {

/// Two bytes of half precision. Convert to float or double to compute.
struct float16 {
  std::uint16_t bits = 0;

  constexpr float16() = default;
  constexpr explicit float16(float value) : bits(from_float(value)) {}
  /// Rounds once: double to half directly, not by way of float.
  constexpr explicit float16(double value) : bits(from_double(value)) {}
  constexpr explicit operator float() const { return to_float(bits); }
  constexpr explicit operator double() const { return static_cast<double>(to_float(bits)); }

 private:
  static constexpr float to_float(std::uint16_t half) {
    const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000u) << 16;
    const std::uint32_t rest = half & 0x7fffu;
    if (rest >= 0x7c00u) return std::bit_cast<float>(sign | 0x7f800000u | (rest & 0x3ffu) << 13);
    // Scaling by 2^112 moves the exponent to float's bias and makes subnormals normal, exactly.
    const float magnitude = std::bit_cast<float>(rest << 13) * 0x1p112f;
    return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(magnitude));
  }

  static constexpr std::uint16_t from_float(float value) {
    return from_double(static_cast<double>(value));  // widening is exact, so this rounds once
  }

  static constexpr std::uint16_t from_double(double value) {
    const std::uint64_t all = std::bit_cast<std::uint64_t>(value);
    const auto sign = static_cast<std::uint16_t>(all >> 48 & 0x8000u);
    const std::uint64_t magnitude_bits = all & 0x7fffffffffffffffu;
    if (magnitude_bits > 0x7ff0000000000000u) return static_cast<std::uint16_t>(sign | 0x7e00u);  // NaN
    const double magnitude = std::bit_cast<double>(magnitude_bits);
    if (magnitude >= 65520.0) return static_cast<std::uint16_t>(sign | 0x7c00u);
    if (magnitude < 0x1p-14) {
      // Subnormal: adding 2^28 aligns the last bit of half's subnormals with the last bit of a double.
      const double aligned = magnitude + 0x1p28;
      return static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint64_t>(aligned) & 0x7ffu));
    }
    const std::uint64_t odd = magnitude_bits >> 42 & 1u;
    const std::uint64_t rounded = magnitude_bits + 0x1ffffffffffu + odd;
    return static_cast<std::uint16_t>(sign | ((rounded >> 42) - (std::uint64_t{1023 - 15} << 10)));
  }
};

}  // namespace vox
