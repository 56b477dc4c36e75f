// Which objects of a volume stay, and their labels.
#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "core/extent.h"
#include "ops/label/object_choice.h"
#include "ops/label/object_measure.h"

namespace vox {

/// Labels 1 ... count() of the objects that `choice` keeps. REQUIRES: measures when the choice needs sizes.
class ComponentNumbers {
 public:
  ComponentNumbers(std::int64_t objects, const std::deque<ObjectMeasure>& measures,
                   const ObjectChoice& choice, const Extent3& shape);

  std::int64_t count() const { return count_; }
  /// The object behind a label.
  std::int64_t object(std::int64_t label) const {
    return all_ ? label - 1 : kept_[static_cast<std::size_t>(label) - 1];
  }
  /// By object; 0 for those that go.
  std::function<std::uint64_t(std::int64_t)> labels() const;

 private:
  bool all_;
  std::int64_t objects_;
  std::int64_t count_ = 0;
  std::vector<std::int64_t> kept_;  ///< by label - 1, unless all are
};

}  // namespace vox
