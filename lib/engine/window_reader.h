// Reads planes straight into a halo window, ahead of the kernel that looks at those already there.
#pragma once

#include "engine/halo_window.h"
#include "engine/plane_runs.h"

namespace vox {

class WindowReader {
 public:
  /// As those of `PlaneRuns`. `window` takes the rows that are read and has room for two runs.
  WindowReader(SlabSource& source, const Interval& planes, std::int64_t at_once, HaloWindow& window,
               const SlabWork& work);

  /// Waits until the next planes are in the window, and starts to read the run behind them. False at the end.
  bool next();

 private:
  void start();

  HaloWindow& window_;
  std::int64_t coming_ = 0;
  PlaneRuns runs_;
};

}  // namespace vox
