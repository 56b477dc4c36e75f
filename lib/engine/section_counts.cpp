#include "engine/section_counts.h"

#include <algorithm>
#include <array>
#include <memory>

#include "io/adapted_source.h"

namespace vox {
namespace {

/// What some sections have of `planes`, counted from their first plane.
std::vector<Interval> within(std::span<const Interval> sections, const Interval& planes) {
  std::vector<Interval> result;
  for (const Interval& section : sections) {
    const std::int64_t begin = std::clamp(section.begin, planes.begin, planes.end);
    const std::int64_t end = std::clamp(section.end, planes.begin, planes.end);
    result.push_back({begin - planes.begin, end - planes.begin});
  }
  return result;
}

}  // namespace

SectionCounts::SectionCounts(SlabSource& source, std::vector<Interval> sections, const SectionBins& bins,
                             const Resources& resources)
    : source_(source),
      sections_(std::move(sections)),
      bins_(bins),
      resources_(resources),
      counts_(static_cast<std::int64_t>(sections_.size()), bins.bins + 1) {}

/// Sections whose counters take at most a quarter of the memory in all threads; at least one.
std::size_t SectionCounts::sections_at_once() const {
  const std::int64_t copies = 4 * (static_cast<std::int64_t>(resources_.threads) + 1);
  return static_cast<std::size_t>(std::max<std::int64_t>(1, resources_.memory / copies / (8 * bins_.bins)));
}

PassPlan SectionCounts::plan(const Interval& planes) const {
  const auto some = std::span(sections_).first(std::min(sections_at_once(), sections_.size()));
  const SectionHistograms histograms(source_.meta().dtype, bins_, within(some, planes));
  return plan_reduce(std::array{&source_}, histograms, resources_, planes);
}

void SectionCounts::look(const Interval& planes) {
  counts_.clear();
  const std::span<const Interval> all(sections_);
  const std::size_t at_once = sections_at_once();
  std::vector<std::int64_t> counts;
  for (std::size_t first = 0; first < all.size(); first += at_once) {
    const auto some = all.subspan(first, std::min(at_once, all.size() - first));
    const Interval seen{std::max(some.front().begin, planes.begin), std::min(some.back().end, planes.end)};
    if (seen.size() <= 0) continue;
    const std::vector<Interval> sections = within(some, seen);
    SectionHistograms histograms(source_.meta().dtype, bins_, sections);
    const std::unique_ptr<SlabSource> view = view_planes(source_, seen);
    run_reduce(std::array{view.get()}, histograms, resources_);
    for (std::size_t i = 0; i < some.size(); ++i) {
      if (sections[i].size() == 0) continue;
      counts.assign(histograms.counts(i).begin(), histograms.counts(i).end());
      counts.push_back(histograms.above(i));
      counts_.add(static_cast<std::int64_t>(first + i), counts);
    }
  }
}

void SectionCounts::for_each(const Take& take) const {
  counts_.for_each_sum([&](std::int64_t section, std::span<std::int64_t> counts) {
    take(static_cast<std::size_t>(section), counts.first(counts.size() - 1), counts.back());
  });
}

}  // namespace vox
