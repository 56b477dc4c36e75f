// Which objects are kept, and in which order.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace vox {

/// What the user asks of objects. Those that fail a limit go first; of the rest, the largest stay.
struct ObjectChoice {
  std::optional<double> min_size;  ///< voxels; a value within 1e-9 of a whole number counts as that
  std::optional<double> max_size;
  bool drop_border = false;
  std::optional<std::int64_t> keep_largest;
  bool by_size = false;  ///< the largest first, instead of the order in which they come

  bool needs_sizes() const { return min_size || max_size || drop_border || keep_largest || by_size; }
};

struct ObjectFacts {
  std::int64_t voxels = 0;
  bool touches_border = false;
};

/// The places in `objects` of those that are kept, in the order asked for. Of equally large ones the earlier
/// comes first.
std::vector<std::int64_t> chosen_objects(std::span<const ObjectFacts> objects, const ObjectChoice& choice);

}  // namespace vox
