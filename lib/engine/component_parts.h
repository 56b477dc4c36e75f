// The objects of a volume, found by several processes that look at some planes each.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "engine/labelled_runs.h"
#include "engine/shared_pass.h"
#include "ops/label/join_parts.h"

namespace vox {

/// As a first pass, each part labels its planes and keeps a summary: its objects, and which of them reach the
/// neighbouring planes, of which it reads one on each side. `join` makes the whole volume's objects of all
/// summaries; memory grows with the objects of all parts and what lies in their seams, not with the planes.
/// To make labels, planes are looked at again.
class ComponentParts final : public SharedPass {
 public:
  /// REQUIRES: the source is seekable; it and the resources outlive this.
  ComponentParts(SlabSource& source, const ComponentRequest& request, Resources& resources)
      : source_(source), request_(request), resources_(resources) {}

  std::vector<std::string> settings() const override;
  PassPlan plan(const Interval& planes) const override;
  void look(const Interval& planes) override;
  void keep(KeptState& state) override { own_.exchange(state); }
  void take(KeptState& state) override;

  /// After all parts were taken. Throws a damaged-input error when they have not looked at each plane once.
  void join();
  /// Of the volume, as `LabelledRuns` numbers and measures them.
  std::int64_t objects() const { return joined_.count(); }
  const std::deque<ObjectMeasure>& measures() const { return measures_; }

  using Label = std::function<std::uint64_t(std::int64_t object)>;
  /// Labels of some planes, as voxels of `meta`'s type; no others must be read. `label`: what an object is
  /// painted with. Looks again at the planes of all parts that these belong to. All that was taken is given
  /// up, and `resources.memory` shrinks by what is held.
  std::unique_ptr<SlabSource> painted_planes(const Interval& planes, const VolumeMeta& meta,
                                             const Label& label);
  /// The same of the volume itself, where objects whose label is not 0 are filled (`LabelledRuns::fill`).
  std::unique_ptr<SlabSource> filled_planes(const Interval& planes, const Label& label);

 private:
  std::vector<SeamLink> links(const LabelledRuns& runs, std::int64_t cut) const;
  void check_memory() const;
  std::int64_t look_again(const Interval& planes, std::int64_t size, const Label& label);

  SlabSource& source_;
  ComponentRequest request_;
  Resources& resources_;
  PartSummary own_;
  std::vector<PartSummary> parts_;
  std::int64_t taken_objects_ = 0;
  JoinedParts joined_;
  std::deque<ObjectMeasure> measures_;
  std::unique_ptr<LabelledRuns> runs_;  ///< of the planes that are painted
};

}  // namespace vox
