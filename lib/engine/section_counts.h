// Histograms of sections of planes, some sections at a time so that counters stay within the memory.
#pragma once

#include <vector>

#include "engine/kept_counts.h"
#include "engine/shared_pass.h"
#include "ops/stats/section_histograms.h"

namespace vox {

/// Reads the volume once. Each part counts its own planes.
class SectionCounts final : public SharedPass {
 public:
  /// `sections`: in order, without gaps, over all planes. The source outlives this.
  SectionCounts(SlabSource& source, std::vector<Interval> sections, const SectionBins& bins,
                const Resources& resources);

  PassPlan plan(const Interval& planes) const override;
  void look(const Interval& planes) override;
  void keep(KeptState& state) override { counts_.exchange(state); }
  void take(KeptState& state) override { counts_.exchange(state); }

  /// Gets the counts of a section, and its voxels above the threshold.
  using Take =
      std::function<void(std::size_t section, std::span<const std::int64_t> counts, std::int64_t above)>;
  /// Shows each section in order.
  void for_each(const Take& take) const;

 private:
  std::size_t sections_at_once() const;

  SlabSource& source_;
  std::vector<Interval> sections_;
  SectionBins bins_;
  Resources resources_;
  KeptCounts counts_;  ///< of the bins, and behind them all voxels above the threshold
};

}  // namespace vox
