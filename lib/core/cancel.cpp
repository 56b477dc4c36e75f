#include "core/cancel.h"

#include <atomic>
#include <csignal>
#include <cstring>
#include <mutex>

#include "core/error.h"

namespace vox {
namespace {

std::atomic<int> g_signal{0};
static_assert(std::atomic<int>::is_always_lock_free);

// A thread leaves the list before it can end, and nobody is signalled but under the lock: so no signal goes
// to a thread that is gone. Nobody waits long for the lock, since it is never held during the blocking call
// itself.
std::mutex g_calls_lock;
BlockingCall* g_calls = nullptr;

void install_interrupt() {
  struct sigaction action {};
  action.sa_handler = [](int) {};
  sigemptyset(&action.sa_mask);
  action.sa_flags = 0;  // without SA_RESTART: the call must fail
  sigaction(SIGUSR2, &action, nullptr);
}

}  // namespace

void request_cancel(int signal) {
  int none = 0;
  g_signal.compare_exchange_strong(none, signal);
}

int cancel_signal() { return g_signal.load(std::memory_order_relaxed); }

void check_cancelled() {
  if (cancel_signal() != 0) throw Error(ErrorKind::cancelled, "stopped by " + signal_name(cancel_signal()));
}

std::string signal_name(int signal) {
  const char* abbreviation = ::sigabbrev_np(signal);
  return abbreviation == nullptr ? "signal " + std::to_string(signal) : std::string("SIG") + abbreviation;
}

void reset_cancel() { g_signal = 0; }

BlockingCall::BlockingCall() : thread_(pthread_self()) {
  const std::lock_guard lock(g_calls_lock);
  next_ = g_calls;
  if (next_ != nullptr) next_->previous_ = this;
  g_calls = this;
}

BlockingCall::~BlockingCall() {
  const std::lock_guard lock(g_calls_lock);
  (previous_ == nullptr ? g_calls : previous_->next_) = next_;
  if (next_ != nullptr) next_->previous_ = previous_;
}

void interrupt_blocking_calls() {
  static std::once_flag installed;
  std::call_once(installed, install_interrupt);
  const std::lock_guard lock(g_calls_lock);
  for (const BlockingCall* call = g_calls; call != nullptr; call = call->next_)
    pthread_kill(call->thread_, SIGUSR2);
}

}  // namespace vox
