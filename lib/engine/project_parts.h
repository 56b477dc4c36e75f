// A projection along z whose planes several processes add up.
#pragma once

#include <optional>

#include "engine/project_stream.h"
#include "engine/shared_pass.h"

namespace vox {

/// As a first pass, each part adds up its planes and keeps the sums of all lines; the output is what these
/// come to together.
class ProjectParts final : public SharedPass {
 public:
  /// REQUIRES: an axis z, and `can_share`; the source outlives this.
  ProjectParts(SlabSource& source, const ProjectSpec& spec, const Resources& resources);

  /// False for the median and for sums of floating types, whose digits depend on the order of planes.
  static bool can_share(const VolumeMeta& meta, const ProjectSpec& spec);

  PassPlan plan(const Interval& planes) const override;
  void look(const Interval& planes) override;
  void keep(KeptState& state) override;
  void take(KeptState& state) override;
  /// The plane of what was taken, or looked at.
  void write(SlabSink& sink) const;

 private:
  SlabSource& source_;
  ProjectSpec spec_;
  Resources resources_;
  Projection projection_;
  std::optional<LineSums> sums_;
};

}  // namespace vox
