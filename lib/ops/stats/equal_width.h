// Histograms of equal-width bins from the smallest to the largest value, bin for bin as numpy.histogram
// counts them.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "ops/stats/histogram_reducer.h"

namespace vox {

/// A value belongs to bin i when edges[i] <= value < edges[i + 1]; the last bin holds its upper edge too.
struct EqualWidthHistogram {
  std::vector<double> edges;  ///< bins + 1
  std::vector<std::int64_t> counts;
};

/// Where numpy.histogram puts values of a dtype: floating types have edges of their own type, and NumPy finds
/// the bin in that type's arithmetic before it compares with the edges.
class EqualWidthBins {
 public:
  /// Over [min, max]; around them when they are equal; over [0, 1] when they are NaN (no finite voxels).
  EqualWidthBins(DType dtype, double min, double max, std::int64_t bins);

  std::int64_t size() const { return static_cast<std::int64_t>(edges_.size()) - 1; }
  const std::vector<double>& edges() const { return edges_; }
  /// REQUIRES: min <= value <= max.
  std::int64_t bin_of(double value) const;

  double first() const { return first_; }
  double per_unit() const { return per_unit_; }
  /// A position from `first() + n / per_unit()` in single precision is certain to be in bin n when it is
  /// farther than this from the bin's ends, in bins.
  double uncertainty() const { return uncertainty_; }

 private:
  double rounded(double value) const;

  DType dtype_;
  double first_ = 0;
  double per_unit_ = 1;
  double uncertainty_ = 0;
  std::vector<double> edges_;
};

/// The histogram of an 8- or 16-bit type from all its values. REQUIRES: first.whole().
EqualWidthHistogram equal_width_from_counts(const HistogramReducer& first, const EqualWidthBins& bins);

/// The histogram of a wider type in a pass after the first. Finite voxels inside the mask blocks[1] if there
/// is one.
class EqualWidthReducer final : public Reducer {
 public:
  EqualWidthReducer(const HistogramReducer& first, std::int64_t bins);

  std::unique_ptr<Reducer> empty() const override;
  void observe(std::span<const ConstBlock> blocks) override;
  void merge(const Reducer& other) override;
  bool exchange(KeptState& state) override;
  std::int64_t memory_bytes() const override;

  EqualWidthHistogram histogram() const;

 private:
  EqualWidthReducer(DType dtype, bool specials, EqualWidthBins bins);
  void take(const std::byte* voxels, std::int64_t count);
  void flush();

  DType dtype_;
  bool specials_;
  EqualWidthBins bins_;
  std::vector<float> float_edges_;     ///< for float32
  std::vector<std::uint32_t> recent_;  ///< several tables, one behind the other
  std::int64_t pending_ = 0;
  std::vector<std::int64_t> flushed_;
};

}  // namespace vox
