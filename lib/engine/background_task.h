// One piece of work at a time, done by another thread.
#pragma once

#include <functional>
#include <memory>

namespace vox {

class BackgroundTask {
 public:
  BackgroundTask();
  /// REQUIRES: nothing runs.
  ~BackgroundTask();
  BackgroundTask(const BackgroundTask&) = delete;
  BackgroundTask& operator=(const BackgroundTask&) = delete;

  /// Starts `work`. REQUIRES: nothing runs.
  void run(std::function<void()> work);
  /// Waits for the end; throws what the work threw.
  void wait();
  /// Work that has not begun will not begin.
  void cancel();

 private:
  struct Tasks;
  std::unique_ptr<Tasks> tasks_;
};

}  // namespace vox
