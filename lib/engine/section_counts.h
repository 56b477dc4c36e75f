// Histograms of sections of planes, some sections at a time so that counters stay within the memory.
#pragma once

#include <functional>
#include <span>

#include "engine/engine.h"
#include "ops/stats/section_histograms.h"

namespace vox {

/// Gets the counts of each section in turn, and its voxels above the threshold.
using TakeCounts =
    std::function<void(std::size_t section, std::span<const std::int64_t> counts, std::int64_t above)>;

/// Reads the volume once. `sections`: in order, without gaps, over all planes.
void section_counts(SlabSource& source, std::span<const Interval> sections, const SectionBins& bins,
                    const Resources& resources, const TakeCounts& take);
PassPlan plan_section_counts(SlabSource& source, std::span<const Interval> sections, const SectionBins& bins,
                             const Resources& resources);

}  // namespace vox
