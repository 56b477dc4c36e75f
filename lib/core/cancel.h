// The wish to stop, as set by a signal: one flag for the process, since signals are the process's.
#pragma once

#include <pthread.h>

#include <string>

namespace vox {

/// Safe in a signal handler and from any thread. The first signal counts.
void request_cancel(int signal);
/// The signal that asked to stop; 0 for none.
int cancel_signal();
/// Throws an error of kind cancelled when a stop was asked for. Long work calls it once per block.
void check_cancelled();
/// "SIGTERM".
std::string signal_name(int signal);
/// For tests: as if no signal had come.
void reset_cancel();

/// Lives around a system call that may block for long (reading or writing a pipe). Once a stop was asked for,
/// such calls are made to fail with EINTR again and again, so the loop
///     { BlockingCall call; count = ::read(...); }
///     if (count < 0 && errno == EINTR) { check_cancelled(); continue; }
/// ends soon, also when the signal came just before the call.
class BlockingCall {
 public:
  BlockingCall();
  ~BlockingCall();
  BlockingCall(const BlockingCall&) = delete;
  BlockingCall& operator=(const BlockingCall&) = delete;

 private:
  friend void interrupt_blocking_calls();

  pthread_t thread_;
  BlockingCall* next_ = nullptr;
  BlockingCall* previous_ = nullptr;
};

/// Interrupts the system call of every thread that is inside a `BlockingCall` now, by SIGUSR2 with a handler
/// that does nothing. Whoever asks to stop calls it every few milliseconds until the process ends. Not for
/// signal handlers.
void interrupt_blocking_calls();

}  // namespace vox
