// Parts of a volume that were labelled one by one, by one process or by several, become one labelled volume.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/extent.h"
#include "ops/label/connectivity.h"

namespace vox {

/// What a labelled part tells the others: its labels at the faces of its box, and where each label begins.
class PartSummary {
 public:
  /// `labels`: the box's voxels, dense, with 1 ... N by first voxel or in any other order, 0 outside.
  /// `values`: the bits of each voxel where only equal neighbours connect, else empty.
  PartSummary(const Extent3& volume, const Box3& box, std::span<const std::uint64_t> labels,
              std::span<const std::uint64_t> values = {});

  const Box3& box() const { return box_; }
  std::int64_t labels() const { return static_cast<std::int64_t>(first_voxels_.size()); }
  /// The scan order's place of a label's first voxel in the volume.
  std::int64_t first_voxel(std::int64_t label) const {
    return first_voxels_[static_cast<std::size_t>(label) - 1];
  }

  struct Voxel {
    std::uint64_t label = 0;
    std::uint64_t value = 0;
  };
  /// A voxel on a face of the box, in the volume's coordinates.
  Voxel at(const Extent3& position) const;

 private:
  struct Face {
    Box3 box;
    std::vector<Voxel> voxels;
  };

  Box3 box_;
  std::vector<Face> faces_;
  std::vector<std::int64_t> first_voxels_;
};

/// For each part the final labels of its labels 1 ... N, in that order; and how many there are in all.
struct JoinedParts {
  std::vector<std::vector<std::uint64_t>> labels;
  std::int64_t count = 0;
};

/// Unites what touches across faces, edges and corners of the parts, as `connectivity` says, and numbers the
/// objects by their first voxel in scan order. REQUIRES: boxes do not overlap.
JoinedParts join_parts(std::span<const PartSummary> parts, Connectivity connectivity);

}  // namespace vox
