// Histogram matching: the curve that gives voxels the distribution of a reference.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "ops/intensity/curve_map.h"
#include "ops/stats/section_histograms.h"

namespace vox {

/// How the range of histograms was chosen.
struct MatchBins {
  SectionBins bins;
  bool unit = false;  ///< the volume lies within [0, 1], and so do the bins
};

/// Histograms of the voxels above `threshold`: from threshold + max(1e-6, 1e-6 threshold) to 1 for a volume
/// within [0, 1], else from its smallest value above the threshold to its largest; half a unit to either side
/// where these are equal, as numpy.histogram has it. Any range when no voxel is above.
MatchBins match_bins(double low, double high, double low_above, double threshold, std::int64_t bins);

/// True when the range of the volume says all that `match_bins` must know.
bool unit_range(double low, double high);

/// Sections and volumes with fewer voxels above the threshold are left alone.
inline constexpr std::int64_t kLeastMatched = 500;

/// Puts the cumulative distribution of `counts`, from 0 to 1, into `out`. REQUIRES: a count is not 0.
void cumulate(std::span<const std::int64_t> counts, std::span<double> out);

/// The distribution that others are matched to.
struct MatchReference {
  std::vector<double> distribution;  ///< at the centres of its bins
  std::vector<double> centres;
};
MatchReference match_reference(std::span<const std::int64_t> counts, const SectionBins& bins);

/// Turns a cumulative distribution at the centres of bins into the values that these become: those at which
/// the reference has the same distribution, as numpy.interp finds them, also on plateaus.
void match(std::span<double> distribution, const MatchReference& reference);

/// Sections on their way from histograms to curves. Holds 8 bytes for each bin and section.
class SectionMatching {
 public:
  /// `sections`: of a volume of `planes`, in order.
  SectionMatching(std::int64_t planes, std::span<const Interval> sections, const SectionBins& bins);
  static std::int64_t bytes(std::size_t sections, std::int64_t bins);

  /// Counts of a section, each once, in order; `above`: its voxels above the threshold.
  void take(std::size_t section, std::span<const std::int64_t> counts, std::int64_t above);
  /// The distribution of all sections together; none when they have too few voxels.
  std::optional<MatchReference> whole() const;
  std::int64_t left_alone() const { return left_alone_; }

  /// The curves of the sections; without a reference all planes stay as they are. Call once.
  Curves matched(const std::optional<MatchReference>& reference);

 private:
  std::vector<Interval> sections_;
  SectionBins bins_;
  Curves curves_;
  std::vector<std::int64_t> all_;  ///< counts of all sections
  std::int64_t above_ = 0;
  std::int64_t left_alone_ = 0;
};

}  // namespace vox
