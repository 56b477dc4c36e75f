// Which objects of a volume stay, and their labels.
#pragma once

#include <vector>

#include "engine/labelled_runs.h"
#include "ops/label/object_choice.h"

namespace vox {

/// Labels 1 ... count() of the objects that `choice` keeps. REQUIRES: measures when the choice needs sizes.
class ComponentNumbers {
 public:
  ComponentNumbers(const LabelledRuns& runs, const ObjectChoice& choice, const Extent3& shape);

  std::int64_t count() const { return count_; }
  /// The object behind a label.
  std::int64_t object(std::int64_t label) const {
    return all_ ? label - 1 : kept_[static_cast<std::size_t>(label) - 1];
  }
  /// Makes `runs` ready to be painted with labels of `size` bytes.
  void label(LabelledRuns& runs, std::int64_t size) const;

 private:
  bool all_;
  std::int64_t count_ = 0;
  std::vector<std::int64_t> kept_;  ///< by label - 1, unless all are
};

}  // namespace vox
