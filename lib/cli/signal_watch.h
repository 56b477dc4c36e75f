// Signals as ordinary events: one thread waits for those that ask a process to stop, and sees to it that it
// does.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

namespace vox {

/// From construction on, SIGINT, SIGTERM, SIGHUP and SIGUSR1 (unless ignored already, as under nohup) reach
/// only the watch, while SIGPIPE and SIGXFSZ become errors of the calls that cause them. When one comes, the
/// watch calls `request_cancel` and keeps interrupting blocked calls; when the process has not ended after
/// five seconds, the watch removes the temporary files and ends it. REQUIRES: made before any other thread,
/// since threads inherit what they do not hear.
class SignalWatch {
 public:
  SignalWatch();
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

  /// From now on the watch also calls `tick`, some twenty times a second. Once this returned, what was called
  /// before is not called any more; an empty function ends it.
  void call_often(std::function<void()> tick);
  /// SIGTERM and SIGUSR1, by which schedulers take a job's time away, end the process with this exit status.
  void requeue_with(int status) { requeue_status_ = status; }
  /// Ends the process for `signal`: so that shells and make see it, or with the status for schedulers.
  [[noreturn]] void end_process(int signal) const;

 private:
  void watch();
  int wait_for_signal() const;
  void stop_process(int signal) const;

  std::atomic<bool> done_{false};
  std::atomic<bool> ticking_{false};
  std::atomic<int> requeue_status_{-1};
  std::mutex tick_lock_;
  std::function<void()> tick_;
  std::thread thread_;
};

/// Ends the process by `signal`, so that shells and make see what happened.
[[noreturn]] void end_by_signal(int signal);

}  // namespace vox
