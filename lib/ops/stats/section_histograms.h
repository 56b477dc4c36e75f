// Histograms of equal-width bins, one for each section of planes.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/dtype.h"
#include "core/extent.h"
#include "ops/reducer.h"

namespace vox {

/// `bins` bins from `low` to `high`, both included, as numpy.histogram counts them in double precision; only
/// voxels above `threshold` count. low < high.
struct SectionBins {
  double threshold = 0;
  double low = 0;
  double high = 1;
  std::int64_t bins = 512;
};

/// Counts the finite voxels of sections that follow each other without gaps. Holds bins x sections counters
/// of 8 bytes for each thread.
class SectionHistograms final : public Reducer {
 public:
  /// `sections`: in planes of the volume that is observed, in order.
  SectionHistograms(DType dtype, const SectionBins& bins, std::vector<Interval> sections);

  std::unique_ptr<Reducer> empty() const override;
  void observe(std::span<const ConstBlock> blocks) override;
  void merge(const Reducer& other) override;
  std::int64_t memory_bytes() const override;

  std::span<const std::int64_t> counts(std::size_t section) const;
  /// Finite voxels above the threshold, within the bins or not.
  std::int64_t above(std::size_t section) const { return above_[section]; }

 private:
  void count_row(const std::byte* row, std::int64_t size);
  void flush(std::size_t section);

  DType dtype_;
  SectionBins bins_;
  std::vector<Interval> sections_;
  std::vector<double> edges_;
  std::vector<std::int64_t> counts_;  ///< of the first section, then of the next
  std::vector<std::int64_t> above_;
  std::vector<std::uint32_t> recent_;  ///< several tables, one behind the other: neighbours fall into one bin
};

}  // namespace vox
