// The first pass of every exact statistic: voxels counted by their highest bits.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "core/dtype.h"
#include "ops/reducer.h"
#include "ops/stats/bin_counts.h"

namespace vox {

/// What one pass tells about a volume, inside the mask. Extremes and `count` are of the finite voxels.
struct Summary {
  std::int64_t seen = 0;   ///< voxels inside the mask; 0 also when nothing was read (--explain)
  std::int64_t count = 0;  ///< finite voxels
  std::int64_t nan = 0;
  std::int64_t positive_infinity = 0;
  std::int64_t negative_infinity = 0;
  double min = std::numeric_limits<double>::quiet_NaN();  ///< NaN when count is 0
  double max = std::numeric_limits<double>::quiet_NaN();
  long double exact_min = std::numeric_limits<long double>::quiet_NaN();  ///< every digit of 64-bit integers
  long double exact_max = std::numeric_limits<long double>::quiet_NaN();
};

/// Counts voxels by all bits (8- and 16-bit types: the whole histogram) or by their upper bits, finds the
/// exact extremes, and counts NaN and infinities. A second block shown to `observe` is a mask: not zero is
/// inside.
class HistogramReducer final : public Reducer {
 public:
  explicit HistogramReducer(DType dtype);

  std::unique_ptr<Reducer> empty() const override { return std::make_unique<HistogramReducer>(dtype_); }
  void observe(std::span<const ConstBlock> blocks) override;
  void merge(const Reducer& other) override;
  bool exchange(KeptState& state) override;
  std::int64_t memory_bytes() const override;

  DType dtype() const { return dtype_; }
  /// Upper bits that `counts` tells apart.
  int bits() const { return top_bits(size_of(dtype_)); }
  /// True when `counts` says all there is to say.
  bool whole() const { return size_of(dtype_) <= 2; }
  Summary summary() const;
  /// Finite voxels by their highest bits, in the order of values.
  std::vector<std::int64_t> counts() const;
  /// Bits that are set in any, and in all finite voxels. REQUIRES: a type of 4 or 8 bytes.
  std::uint64_t any_bits() const { return extremes_.any; }
  std::uint64_t all_bits() const { return extremes_.all; }

 private:
  void take(const std::byte* voxels, std::int64_t count);
  void take_with_specials(const std::byte* voxels, std::int64_t count);
  void flush();
  std::int64_t counted(std::uint64_t bits) const;

  DType dtype_;
  std::vector<std::uint32_t> recent_;  ///< `top_tables` tables, fast to count in
  std::int64_t pending_ = 0;           ///< voxels in `recent_`
  std::vector<std::int64_t> flushed_;  ///< by plain bits, infinities and NaN among them
  BitExtremes extremes_;               ///< of the finite voxels; types of 4 and 8 bytes only
  std::int64_t seen_ = 0;
  std::int64_t nan_ = 0;  ///< this and the next two: types of 4 and 8 bytes only
  std::int64_t positive_infinity_ = 0;
  std::int64_t negative_infinity_ = 0;
};

}  // namespace vox
