// One bit per voxel of a row: inside or outside, and where values change. The loops under labelling.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

#include "core/dtype.h"
#include "ops/filter/threshold.h"

namespace vox {

/// Which voxels belong to objects.
struct Foreground {
  std::optional<ValueInterval> interval;  ///< those in it; none: those that are not zero (NaN is not)
  bool inverted = false;                  ///< the others instead
};

/// Words that hold one bit for each of `count` voxels.
inline std::int64_t bit_words(std::int64_t count) { return (count + 63) / 64; }

/// Bit i % 64 of words[i / 64] tells whether voxel i is foreground; bits beyond `count` are 0.
void foreground_bits(DType dtype, const std::byte* voxels, std::int64_t count, const Foreground& foreground,
                     std::uint64_t* words);

/// The bit of voxel i tells whether it differs from voxel i - 1; that of the first is 1. NaN equals NaN.
void change_bits(DType dtype, const std::byte* voxels, std::int64_t count, std::uint64_t* words);

/// A voxel's value as bits that are equal where values are: integers widened, floating types as doubles with
/// one NaN and one zero.
template <class T>
std::uint64_t value_bits(T value) {
  if constexpr (is_float_type<T>) {
    const double wide = as_double(value);
    if (wide != wide) return std::bit_cast<std::uint64_t>(std::numeric_limits<double>::quiet_NaN());
    return std::bit_cast<std::uint64_t>(wide + 0.0);
  } else {
    return static_cast<std::uint64_t>(value);
  }
}

}  // namespace vox
