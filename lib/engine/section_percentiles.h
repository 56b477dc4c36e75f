// Exact percentiles of sections of planes: in one pass where sections are planes that fit the memory, else
// section by section in as many passes as the type needs.
#pragma once

#include <span>
#include <vector>

#include "engine/engine.h"
#include "ops/stats/section_percentile.h"

namespace vox {

/// Where `count` sections of `planes` planes begin and end: at round-half-even(i * planes / count). Sections
/// are empty where there are more of them than planes.
std::vector<Interval> even_sections(std::int64_t planes, std::int64_t count);

/// For each request the percentiles of each section. `sources`: the volume and, if a request asks for what is
/// inside, a mask; all can seek or nothing of them has been read. Sections lie in order and do not overlap.
std::vector<std::vector<SectionPercentile>> section_percentiles(
    std::span<SlabSource* const> sources, std::span<const Interval> sections,
    const std::vector<PercentileRequest>& requests, const Resources& resources);

/// What `section_percentiles` will do, as one pass.
PassPlan plan_section_percentiles(std::span<SlabSource* const> sources, std::span<const Interval> sections,
                                  const std::vector<PercentileRequest>& requests, const Resources& resources);

}  // namespace vox
