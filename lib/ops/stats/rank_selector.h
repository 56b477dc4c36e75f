// Exact percentiles of voxels that fit the memory: one plane at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/dtype.h"
#include "ops/stats/rank_keys.h"

namespace vox {

/// Collects voxels and finds the values at given ranks: of types of up to 16 bits from their counts; of wider
/// ones among the few keys between two of a sample (Floyd and Rivest, Algorithm 489, 1975), in linear time.
class RankSelector {
 public:
  /// For at most `most_voxels` at once. `positive`: voxels that are not above 0 are left out, as NaN and
  /// infinities always are.
  RankSelector(DType dtype, std::int64_t most_voxels, bool positive);

  void clear();
  void take(const std::byte* voxels, std::int64_t count);

  /// Voxels since the last `clear` that were not left out.
  std::int64_t count() const;
  /// As numpy.percentile, in double precision; NaN without voxels. May be asked again.
  double percentile(double percent);

  static std::int64_t bytes(DType dtype, std::int64_t most_voxels);

 private:
  /// The order keys of a rank and of the rank behind it.
  struct Found {
    std::uint64_t key = 0;
    std::uint64_t next = 0;  ///< all bits set behind the last rank
  };
  Found find_counted(std::int64_t rank) const;
  template <class Word>
  Found find_key(std::int64_t rank);
  template <class Word>
  KeyRange range_around(std::int64_t rank);
  double value_of(std::uint64_t key) const;

  DType dtype_;
  std::uint64_t lowest_;  ///< order keys of the ends of what counts
  std::uint64_t highest_;
  std::int64_t taken_ = 0;             ///< 8- and 16-bit types: all voxels; others: those that count
  std::vector<std::uint32_t> counts_;  ///< 8- and 16-bit types: by order key
  std::vector<std::byte> keys_;        ///< of wider types
  std::vector<std::byte> part_;        ///< a sample of them, then those near the rank
};

}  // namespace vox
