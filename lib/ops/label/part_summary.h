// What one part of a volume knows of its objects and of those that reach beyond it.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "core/extent.h"
#include "core/kept_state.h"
#include "ops/label/object_measure.h"

namespace vox {

/// The two planes on either side of a cut, taken as a volume of their own, have objects too: seams are those
/// that lie in both, numbered 1, 2, ... by first voxel. Both sides find the same ones. A link tells that an
/// object of a part and a seam share voxels: then they are one.
struct SeamLink {
  std::uint64_t seam = 0;
  std::uint64_t object = 0;

  friend bool operator==(const SeamLink&, const SeamLink&) = default;
  friend auto operator<=>(const SeamLink&, const SeamLink&) = default;  // NOLINT(modernize-use-nullptr)
};

/// Gathers links voxel by voxel, each once.
class SeamLinks {
 public:
  /// Of a row or more: `seams` and `labels` (object + 1) of the same voxels, 0 where there is none.
  void add(std::span<const std::uint64_t> seams, std::span<const std::uint64_t> labels);
  /// In order of seams.
  std::vector<SeamLink> take();

 private:
  void unite();

  std::vector<SeamLink> links_;
  std::size_t united_ = 0;
};

/// Of consecutive whole planes; objects are numbered 0, 1, ... by first voxel in scan order.
struct PartSummary {
  Interval planes;
  std::int64_t objects = 0;
  std::vector<SeamLink> before = {};        ///< with the plane before the first, in order of seams
  std::vector<SeamLink> after = {};         ///< with the plane behind the last
  std::deque<ObjectMeasure> measures = {};  ///< by object, in the volume's coordinates; empty: not wanted

  /// Gives it to `state` or takes it from there, in few bytes: some 2 a link and 20 a measured object.
  void exchange(KeptState& state);
  std::int64_t memory_bytes() const;
};

}  // namespace vox
