// How a user says what lies inside: by a limit, a range, or Otsu's threshold.
#pragma once

#include <functional>
#include <optional>

#include "core/params.h"
#include "ops/filter/threshold.h"
#include "ops/reducer.h"

namespace vox {

/// The options --above, --below, --range and --otsu, of which at most one is given.
class ThresholdChoice {
 public:
  /// REQUIRES: this lives as long as `params`.
  void declare(Params& params);

  /// True when `look` must see the volume before `interval`: Otsu's threshold, as scikit-image takes it.
  bool must_look() const { return otsu_; }
  void look(const VolumeMeta& input, const std::function<void(Reducer&)>& run_pass);

  /// What lies inside; none when nothing was asked for. Throws a usage error for NaN.
  std::optional<ValueInterval> interval() const;

 private:
  std::optional<long double> above_;
  std::optional<long double> below_;
  std::optional<ValueInterval> range_;
  bool otsu_ = false;
};

}  // namespace vox
