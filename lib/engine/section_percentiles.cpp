#include "engine/section_percentiles.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "io/adapted_source.h"
#include "ops/stats/percentiles.h"
#include "ops/stats/plane_percentiles.h"
#include "ops/stats/range.h"
#include "ops/stats/reducer_list.h"

namespace vox {
namespace {

/// True when each plane is a section and a thread can hold one with all that it takes.
bool one_plane_each(std::span<SlabSource* const> sources, std::span<const Interval> sections,
                    const PlanePercentiles& reducer, const Resources& resources) {
  const Extent3 shape = sources[0]->meta().shape;
  if (static_cast<std::int64_t>(sections.size()) != shape.z) return false;
  for (const Interval& section : sections)
    if (section.size() != 1) return false;
  std::int64_t bytes = reducer.memory_bytes();
  for (const SlabSource* source : sources) {
    const std::int64_t planes = std::max<std::int64_t>(1, std::min(source->chunk().z, shape.z));
    bytes += source->held_bytes() + source->scratch_bytes() + planes * source->meta().plane_bytes();
  }
  return bytes <= resources.memory;
}

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

std::vector<std::vector<SectionPercentile>> section_percentiles(
    std::span<SlabSource* const> sources, std::span<const Interval> sections,
    const std::vector<PercentileRequest>& requests, const Resources& resources) {
  const VolumeMeta& meta = sources[0]->meta();
  PlanePercentiles planes(meta.dtype, meta.shape, requests);
  std::vector<std::vector<SectionPercentile>> results;
  if (one_plane_each(sources, sections, planes, resources)) {
    run_reduce(sources, planes, resources);
    for (std::size_t i = 0; i < requests.size(); ++i) results.push_back(planes.of(i));
    return results;
  }
  // Sections are read more than once each: a spooled pipe must have come to its end before.
  for (SlabSource* source : sources) {
    RangeReducer ends(source->meta().dtype);
    if (!source->seekable()) run_reduce(std::array{source}, ends, resources);
  }
  for (const PercentileRequest& request : requests) {
    std::vector<SectionPercentile>& of_request = results.emplace_back();
    for (const Interval& section : sections)
      of_request.push_back(percentile_of(sources, section, request, resources));
  }
  return results;
}

PassPlan plan_section_percentiles(std::span<SlabSource* const> sources, std::span<const Interval> sections,
                                  const std::vector<PercentileRequest>& requests,
                                  const Resources& resources) {
  const VolumeMeta& meta = sources[0]->meta();
  PlanePercentiles planes(meta.dtype, meta.shape, requests);
  if (one_plane_each(sources, sections, planes, resources)) return plan_reduce(sources, planes, resources);
  const HistogramReducer counters(meta.dtype);
  PassPlan plan = plan_reduce(sources, counters, resources);
  plan.bytes_in *= percentile_passes(meta.dtype) * static_cast<std::int64_t>(requests.size());
  return plan;
}

}  // namespace vox
