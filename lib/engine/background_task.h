// One piece of work at a time, done by another thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace vox {

class BackgroundTask {
 public:
  /// `own_threads` 0: whichever thread of the arena is free works, and whoever waits may do so in its place.
  /// Else a thread of its own works, with so many more to help it, so that it never stands behind others that
  /// wait for something.
  explicit BackgroundTask(int own_threads = 0);
  /// REQUIRES: nothing runs.
  ~BackgroundTask();
  BackgroundTask(const BackgroundTask&) = delete;
  BackgroundTask& operator=(const BackgroundTask&) = delete;

  /// Starts `work`. REQUIRES: nothing runs.
  void run(std::function<void()> work);
  /// Starts `step(0)` to `step(count - 1)`, one after the other. Between them a thread of the arena that did
  /// one turns to what it waits for, if that has come. REQUIRES: nothing runs.
  void run_steps(std::int64_t count, std::function<void(std::int64_t)> step);
  /// Waits for the end; throws what the work threw.
  void wait();
  /// Work that has not begun will not begin.
  void cancel();

 private:
  struct Tasks;
  std::unique_ptr<Tasks> tasks_;
};

}  // namespace vox
