// Exact order statistics of any voxel type: the value that would stand at a given place if the volume were
// sorted, found bit by bit from counts. 8- and 16-bit types are done after the first pass, 32-bit types need
// one more, 64-bit types up to three; bits that are the same in all voxels cost nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "ops/reducer.h"
#include "ops/stats/histogram_reducer.h"

namespace vox {

/// Voxels whose upper bits, down to bit `rest`, equal `prefix` (which has zeros below).
struct BitBucket {
  std::uint64_t prefix = 0;
  std::int64_t count = 0;
};

/// A further pass: counts the voxels of some buckets by their next bits. Voxels of 4 or 8 bytes; a second
/// block is a mask.
class RankRefiner final : public Reducer {
 public:
  /// Buckets are told apart by the bits from `rest` up and split by the bits from `low` up to `rest`.
  RankRefiner(DType dtype, std::vector<BitBucket> buckets, int rest, int low);

  std::unique_ptr<Reducer> empty() const override;
  void observe(std::span<const ConstBlock> blocks) override;
  void merge(const Reducer& other) override;
  bool exchange(KeptState& state) override;
  std::int64_t memory_bytes() const override;

  /// Voxels of bucket number `bucket` whose bits from `low` up to `rest` are `bin`.
  std::int64_t counted(std::size_t bucket, std::uint64_t bin) const {
    const std::size_t i = (bucket << (rest_ - low_)) + bin;
    return wide_.empty() ? narrow_[i] : wide_[i];
  }

 private:
  template <class Word>
  void take(const std::byte* voxels, std::int64_t count);
  template <class Word, class Counter>
  void count_wanted(std::span<const Word> wanted, std::vector<Counter>& counters);
  std::size_t bucket_of(std::uint64_t bits) const;

  DType dtype_;
  std::vector<BitBucket> buckets_;  ///< sorted by prefix
  int rest_;
  int low_;
  std::vector<std::uint8_t> wanted_top_;     ///< by the upper bits: 1 when a bucket begins with them
  std::vector<std::uint16_t> first_of_top_;  ///< and the first such bucket
  std::vector<std::uint32_t> narrow_;        ///< counters, when no bucket holds 2^32 voxels
  std::vector<std::int64_t> wide_;           ///< else
};

/// Leads from the first pass to the values of `ranks`, pass by pass:
/// `while (!search.done()) { auto refiner = search.next_pass(); run(*refiner); search.take(*refiner); }`
class RankSearch {
 public:
  /// Ranks count from 0 in the order of values and are below the number of finite voxels.
  RankSearch(const HistogramReducer& first, std::vector<std::int64_t> ranks);

  bool done() const;
  std::unique_ptr<RankRefiner> next_pass() const;
  void take(const RankRefiner& refiner);
  /// The value at `rank`, one of those asked for; NaN when there are no finite voxels. REQUIRES: done().
  double value(std::int64_t rank) const;

 private:
  /// A rank on its way to a value.
  struct Target {
    std::int64_t rank;    ///< in the whole volume
    std::int64_t within;  ///< among the voxels of its bucket
    BitBucket bucket;
  };
  std::vector<BitBucket> buckets() const;
  void skip_constant_bits();
  int lowest_bit(std::size_t bucket_count) const;

  DType dtype_;
  int width_;
  int rest_;                ///< bits of the targets' values that are not known yet
  std::uint64_t varying_;   ///< bits that differ between voxels
  std::uint64_t constant_;  ///< the value of those that do not
  int planned_passes_ = 0;  ///< passes left when nothing was read
  std::vector<Target> targets_;
};

}  // namespace vox
