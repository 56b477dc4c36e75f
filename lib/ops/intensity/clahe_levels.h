// The grey levels that adaptive equalisation counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/dtype.h"
#include "core/meta.h"

namespace vox {

/// Values of `range` stretched to 0 ... 16383, rounded half to even, and then 1 + 16384 / bins of these
/// levels (a whole number) to a bin, as scikit-image has it; so the last few bins stay empty. Infinities end
/// at the ends; a range without extent gives bin 0.
class ClaheLevels {
 public:
  static constexpr int kLevels = 1 << 14;

  ClaheLevels(DType dtype, const Range& range, std::int64_t bins);

  std::int64_t bins() const { return bins_; }
  /// The bin of each of `count` voxels; `bins()` for NaN.
  void find(const std::byte* voxels, std::int64_t count, std::uint16_t* out) const;

 private:
  void compute(const std::byte* voxels, std::int64_t count, std::uint16_t* out) const;

  DType dtype_;
  Range range_;
  std::int64_t bins_;
  std::vector<std::byte> table_;  ///< for integer types of up to 16 bits
};

}  // namespace vox
