// Sums of doubles that do not depend on the order of the terms: whole numbers of a fixed unit, 128 bits wide.
#pragma once

#include <cstdint>

namespace vox {

/// Holds sums of up to 2^62 terms between -1 and 1, each rounded towards zero to a multiple of 2^-64.
class FixedSum {
 public:
  /// REQUIRES: |value| <= 4096 (a term, or the sum of a segment of terms).
  void add(double value) { units_ += static_cast<Units>(value * 0x1p64); }
  /// Adds the same term `times` times. REQUIRES: |value| <= 1.
  void add(double value, std::int64_t times) { units_ += static_cast<Units>(value * 0x1p64) * times; }
  void add(const FixedSum& other) { units_ += other.units_; }

  double value() const { return static_cast<double>(units_) * 0x1p-64; }

 private:
  __extension__ typedef __int128 Units;
  Units units_ = 0;
};

}  // namespace vox
