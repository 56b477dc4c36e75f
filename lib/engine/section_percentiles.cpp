#include "engine/section_percentiles.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "core/error.h"
#include "io/adapted_source.h"
#include "ops/stats/percentiles.h"
#include "ops/stats/plane_percentiles.h"
#include "ops/stats/range.h"
#include "ops/stats/reducer_list.h"

namespace vox {
namespace {

/// One percentile of a whole volume.
SectionPercentile percentile_of(DType dtype, const PercentileRequest& request, const RunPass& run_pass) {
  HistogramReducer first(dtype);
  PositiveCount positive;
  ReducerList both;
  both.add(first);
  if (request.positive) both.add(positive);
  run_pass(both);
  const std::int64_t all = first.summary().count;
  SectionPercentile result{request.positive ? positive.count() : all, std::nan("")};
  if (result.count == 0) return result;
  // Those that are left out come first.
  const PercentilePlace place = percentile_place(request.percent, result.count);
  const std::int64_t before = all - result.count;
  RankSearch search(first, {before + place.below, before + place.above});
  while (!search.done()) {
    const std::unique_ptr<RankRefiner> refiner = search.next_pass();
    run_pass(*refiner);
    search.take(*refiner);
  }
  result.value =
      interpolate(search.value(before + place.below), search.value(before + place.above), place.weight);
  return result;
}

SectionPercentile percentile_of(std::span<SlabSource* const> sources, const Interval& section,
                                const PercentileRequest& request, const Resources& resources) {
  if (section.size() == 0) return {};
  std::vector<std::unique_ptr<SlabSource>> views;
  std::vector<SlabSource*> shown;
  for (SlabSource* source : sources.first(request.inside ? 2 : 1)) {
    views.push_back(view_planes(*source, section));
    shown.push_back(views.back().get());
  }
  return percentile_of(shown[0]->meta().dtype, request,
                       [&](Reducer& reducer) { run_reduce(shown, reducer, resources); });
}

}  // namespace

std::vector<Interval> even_sections(std::int64_t planes, std::int64_t count) {
  const auto boundary = [&](std::int64_t i) {
    return static_cast<std::int64_t>(
        std::nearbyint(static_cast<double>(i) * static_cast<double>(planes) / static_cast<double>(count)));
  };
  std::vector<Interval> sections;
  for (std::int64_t i = 0; i < count; ++i) sections.push_back({boundary(i), boundary(i + 1)});
  return sections;
}

SectionPercentiles::SectionPercentiles(std::vector<SlabSource*> sources, std::vector<Interval> sections,
                                       std::vector<PercentileRequest> requests, const Resources& resources)
    : sources_(std::move(sources)),
      sections_(std::move(sections)),
      requests_(std::move(requests)),
      resources_(resources),
      found_(requests_.size(), std::vector<SectionPercentile>(sections_.size())) {}

/// Those that begin within `planes`; empty ones behind the last plane go with it.
Interval SectionPercentiles::sections_of(const Interval& planes) const {
  if (planes.size() == 0) return {};
  const auto first_from = [&](std::int64_t plane) {
    const auto before = [](const Interval& section, std::int64_t z) { return section.begin < z; };
    return std::lower_bound(sections_.begin(), sections_.end(), plane, before) - sections_.begin();
  };
  const bool last = planes.end == sources_[0]->meta().shape.z;
  return {first_from(planes.begin),
          last ? static_cast<std::int64_t>(sections_.size()) : first_from(planes.end)};
}

/// True when each plane is a section and a thread can hold one with all that it takes.
bool SectionPercentiles::one_plane_each() const {
  const VolumeMeta& meta = sources_[0]->meta();
  if (static_cast<std::int64_t>(sections_.size()) != meta.shape.z) return false;
  for (const Interval& section : sections_)
    if (section.size() != 1) return false;
  std::int64_t bytes = PlanePercentiles(meta.dtype, meta.shape, requests_).memory_bytes();
  for (const SlabSource* source : sources_) {
    const std::int64_t planes = std::max<std::int64_t>(1, std::min(source->chunk().z, meta.shape.z));
    bytes += source->held_bytes() + source->scratch_bytes() + planes * source->meta().plane_bytes();
  }
  return bytes <= resources_.memory;
}

PassPlan SectionPercentiles::plan(const Interval& planes) const {
  const VolumeMeta& meta = sources_[0]->meta();
  if (one_plane_each())
    return plan_reduce(sources_, PlanePercentiles(meta.dtype, meta.shape, requests_), resources_, planes);
  PassPlan plan = plan_reduce(sources_, HistogramReducer(meta.dtype), resources_, planes);
  plan.bytes_in *= percentile_passes(meta.dtype) * static_cast<std::int64_t>(requests_.size());
  return plan;
}

void SectionPercentiles::look(const Interval& planes) {
  looked_at_ = sections_of(planes);
  if (planes.size() == 0) return;
  if (one_plane_each()) {
    const VolumeMeta& meta = sources_[0]->meta();
    PlanePercentiles reducer(meta.dtype, meta.shape, requests_);
    run_reduce(sources_, reducer, resources_, planes);
    for (std::size_t i = 0; i < requests_.size(); ++i) found_[i] = reducer.of(i);
    return;
  }
  // Sections are read more than once each: a spooled pipe must have come to its end before.
  for (SlabSource* source : sources_) {
    RangeReducer ends(source->meta().dtype);
    if (!source->seekable()) run_reduce(std::array{source}, ends, resources_);
  }
  for (std::size_t i = 0; i < requests_.size(); ++i)
    for (std::int64_t section = looked_at_.begin; section < looked_at_.end; ++section) {
      const auto at = static_cast<std::size_t>(section);
      found_[i][at] = percentile_of(sources_, sections_[at], requests_[i], resources_);
    }
}

void SectionPercentiles::exchange(KeptState& state) {
  state.value(looked_at_);
  const auto count = static_cast<std::int64_t>(sections_.size());
  if (looked_at_.begin < 0 || looked_at_.begin > looked_at_.end || looked_at_.end > count)
    fail_damaged("the sections of a pass are not what was kept");
  for (std::vector<SectionPercentile>& of_request : found_)
    for (std::int64_t section = looked_at_.begin; section < looked_at_.end; ++section)
      state.value(of_request[static_cast<std::size_t>(section)]);
}

}  // namespace vox
