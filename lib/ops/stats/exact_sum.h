// Sums of doubles of any size without rounding, so that the order of the terms does not matter.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

namespace vox {

/// Sums up to 2^63 finite doubles that are not negative: one exact whole number per exponent. 32 KiB.
class ExactSum {
 public:
  ExactSum() : units_(2048) {}

  /// REQUIRES: value >= 0 and finite.
  void add(double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    const std::uint64_t exponent = bits >> 52;
    const std::uint64_t hidden = exponent == 0 ? 0 : std::uint64_t{1} << 52;
    units_[exponent] += (bits & ((std::uint64_t{1} << 52) - 1)) | hidden;
  }
  void add(const ExactSum& other) {
    for (std::size_t i = 0; i < units_.size(); ++i) units_[i] += other.units_[i];
  }

  /// Rounded a few times, always the same way: from the smallest exponent up.
  double value() const {
    double sum = 0;
    for (std::size_t i = 0; i < units_.size(); ++i)
      if (units_[i] != 0)
        sum += std::ldexp(static_cast<double>(units_[i]), i == 0 ? -1074 : static_cast<int>(i) - 1075);
    return sum;
  }

  static constexpr std::int64_t kBytes = std::int64_t{2048} * 16;

 private:
  __extension__ typedef unsigned __int128 Units;
  std::vector<Units> units_;  ///< by biased exponent, in units of the last digit
};

}  // namespace vox
