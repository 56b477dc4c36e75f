// Parts of a volume that were labelled one by one, by one process or by several, become one labelled volume.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "ops/label/forest.h"
#include "ops/label/part_summary.h"

namespace vox {

/// The objects of all parts together, numbered 0, 1, ... by first voxel in scan order.
class JoinedParts {
 public:
  std::int64_t count() const { return count_; }
  /// What object `object` of part number `part` has become.
  std::uint64_t object(std::size_t part, std::uint64_t object) const {
    return forest_.place(base_[part] + object);
  }

 private:
  friend JoinedParts join_parts(std::span<const PartSummary> parts);

  std::vector<std::uint64_t> base_;
  Forest<std::uint64_t, std::deque<std::uint64_t>> forest_;
  std::int64_t count_ = 0;
};

/// Unites what lies in the same seam. REQUIRES: parts follow each other without a gap; those without planes
/// may stand anywhere. Throws a damaged-input error for links to objects that are not there.
JoinedParts join_parts(std::span<const PartSummary> parts);

/// The measures of joined objects; those of the parts are used up.
std::deque<ObjectMeasure> joined_measures(std::span<PartSummary> parts, const JoinedParts& joined);

}  // namespace vox
