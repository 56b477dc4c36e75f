#include "engine/section_counts.h"

#include <algorithm>
#include <array>
#include <memory>

#include "io/adapted_source.h"

namespace vox {
namespace {

/// Sections whose counters take at most a quarter of the memory in all threads; at least one.
std::size_t sections_at_once(const SectionBins& bins, const Resources& resources) {
  const std::int64_t copies = 4 * (static_cast<std::int64_t>(resources.threads) + 1);
  return static_cast<std::size_t>(std::max<std::int64_t>(1, resources.memory / copies / (8 * bins.bins)));
}

/// Some sections, counted from the first plane of the first.
std::vector<Interval> moved(std::span<const Interval> sections) {
  std::vector<Interval> result;
  for (const Interval& section : sections)
    result.push_back({section.begin - sections.front().begin, section.end - sections.front().begin});
  return result;
}

}  // namespace

void section_counts(SlabSource& source, std::span<const Interval> sections, const SectionBins& bins,
                    const Resources& resources, const TakeCounts& take) {
  const std::size_t at_once = sections_at_once(bins, resources);
  for (std::size_t first = 0; first < sections.size(); first += at_once) {
    const auto some = sections.subspan(first, std::min(at_once, sections.size() - first));
    SectionHistograms histograms(source.meta().dtype, bins, moved(some));
    const Interval planes{some.front().begin, some.back().end};
    if (planes.size() > 0) {
      const std::unique_ptr<SlabSource> view = view_planes(source, planes);
      run_reduce(std::array{view.get()}, histograms, resources);
    }
    for (std::size_t i = 0; i < some.size(); ++i) take(first + i, histograms.counts(i), histograms.above(i));
  }
}

PassPlan plan_section_counts(SlabSource& source, std::span<const Interval> sections, const SectionBins& bins,
                             const Resources& resources) {
  const auto some = sections.first(std::min(sections_at_once(bins, resources), sections.size()));
  const SectionHistograms histograms(source.meta().dtype, bins, moved(some));
  return plan_reduce(std::array{&source}, histograms, resources);
}

}  // namespace vox
