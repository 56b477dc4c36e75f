// Reads planes, or the same rows of each, in the background: a run of planes at a time.
#pragma once

#include <algorithm>
#include <functional>

#include "engine/background_task.h"
#include "engine/slab_work.h"

namespace vox {

class PlaneRuns {
 public:
  /// Reads one plane, its rows dense, to an address.
  using Read = std::function<void(std::byte*)>;

  /// Planes and rows in virtual coordinates (below 0 and beyond the volume they wrap around), at most
  /// `at_once` planes in a run.
  PlaneRuns(SlabSource& source, const Interval& planes, const Interval& rows, std::int64_t at_once,
            const SlabWork& work);
  ~PlaneRuns();
  PlaneRuns(const PlaneRuns&) = delete;
  PlaneRuns& operator=(const PlaneRuns&) = delete;

  /// Bytes that `Read` reads.
  std::int64_t plane_bytes() const { return rows_.size() * source_.meta().row_bytes(); }
  /// Planes of the run that `start` would read; 0 at the end.
  std::int64_t coming() const { return std::min(at_once_, end_ - position_); }
  /// Starts to read a run: calls `take(i, read)` for plane i of it, of several planes at once where the
  /// source allows. REQUIRES: none is on its way.
  void start(std::function<void(std::int64_t, const Read&)> take);
  /// Waits for its end; throws what went wrong, or that the user wants to stop.
  void wait();

 private:
  void read(std::int64_t plane, std::byte* out);

  SlabSource& source_;
  std::int64_t position_;
  std::int64_t end_;
  Interval rows_;
  std::int64_t at_once_;
  SlabWork work_;
  BackgroundTask task_;
};

}  // namespace vox
