// Exact percentiles of sections of planes: in one pass where sections are planes that fit the memory, else
// section by section in as many passes as the type needs.
#pragma once

#include <span>
#include <vector>

#include "engine/shared_pass.h"
#include "ops/stats/section_percentile.h"

namespace vox {

/// Where `count` sections of `planes` planes begin and end: at round-half-even(i * planes / count). Sections
/// are empty where there are more of them than planes.
std::vector<Interval> even_sections(std::int64_t planes, std::int64_t count);

/// A section is looked at as a whole, by the part that has its first plane.
class SectionPercentiles final : public SharedPass {
 public:
  /// `sources`: the volume and, if a request asks for what is inside, a mask; all can seek or nothing of them
  /// has been read; they outlive this. Sections lie in order and do not overlap.
  SectionPercentiles(std::vector<SlabSource*> sources, std::vector<Interval> sections,
                     std::vector<PercentileRequest> requests, const Resources& resources);

  PassPlan plan(const Interval& planes) const override;
  void look(const Interval& planes) override;
  void keep(KeptState& state) override { exchange(state); }
  void take(KeptState& state) override { exchange(state); }

  /// Of a request, for each section; as of no voxels where nothing was looked at.
  const std::vector<SectionPercentile>& of(std::size_t request) const { return found_[request]; }

 private:
  Interval sections_of(const Interval& planes) const;
  bool one_plane_each() const;
  void exchange(KeptState& state);

  std::vector<SlabSource*> sources_;
  std::vector<Interval> sections_;
  std::vector<PercentileRequest> requests_;
  Resources resources_;
  std::vector<std::vector<SectionPercentile>> found_;
  Interval looked_at_;  ///< sections
};

}  // namespace vox
