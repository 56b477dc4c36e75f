#include "cli/signal_watch.h"

#include <pthread.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <ctime>

#include "core/cancel.h"
#include "io/temporary.h"

namespace vox {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::array<int, 4> kStopSignals = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};
// Tells the watch that something changed. It is also what interrupts blocked calls (core/cancel.h), but those
// signals go to one thread each, never to the watch.
constexpr int kWake = SIGUSR2;
constexpr timespec kBetweenTicks{0, 50'000'000};
constexpr timespec kBetweenInterrupts{0, 20'000'000};
constexpr std::chrono::seconds kGrace{5};

bool is_ignored(int signal) {
  struct sigaction action {};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : kStopSignals)
    if (!is_ignored(signal)) sigaddset(&set, signal);
  return set;
}

sigset_t only(int signal) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  return set;
}

}  // namespace

SignalWatch::SignalWatch() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  const sigset_t stops = stop_signals();
  const sigset_t wake = only(kWake);
  ::pthread_sigmask(SIG_BLOCK, &stops, nullptr);
  // The watch is born deaf to what wakes it, so that a wake-up waits until the watch waits for it.
  ::pthread_sigmask(SIG_BLOCK, &wake, nullptr);
  thread_ = std::thread([this] { watch(); });
  ::pthread_sigmask(SIG_UNBLOCK, &wake, nullptr);
}

SignalWatch::~SignalWatch() {
  done_ = true;
  ::pthread_kill(thread_.native_handle(), kWake);
  thread_.join();
}

void SignalWatch::call_often(std::function<void()> tick) {
  {
    const std::lock_guard lock(tick_lock_);
    ticking_ = tick != nullptr;
    tick_ = std::move(tick);
  }
  ::pthread_kill(thread_.native_handle(), kWake);
}

int SignalWatch::wait_for_signal() const {
  sigset_t set = stop_signals();
  sigaddset(&set, kWake);
  const int signal = ticking_ ? ::sigtimedwait(&set, nullptr, &kBetweenTicks) : ::sigwaitinfo(&set, nullptr);
  return signal > 0 ? signal : 0;
}

void SignalWatch::watch() {
  while (!done_) {
    const int signal = wait_for_signal();
    if (signal != 0 && signal != kWake) return stop_process(signal);
    const std::lock_guard lock(tick_lock_);
    if (tick_) tick_();
  }
}

void SignalWatch::stop_process(int signal) const {
  request_cancel(signal);
  const sigset_t wake = only(kWake);
  for (const auto deadline = Clock::now() + kGrace; Clock::now() < deadline;) {
    interrupt_blocking_calls();
    ::sigtimedwait(&wake, nullptr, &kBetweenInterrupts);
    if (done_) return;
  }
  remove_temporaries();
  end_process(signal);
}

void SignalWatch::end_process(int signal) const {
  if (requeue_status_ >= 0 && (signal == SIGTERM || signal == SIGUSR1)) ::_exit(requeue_status_);
  end_by_signal(signal);
}

void end_by_signal(int signal) {
  std::signal(signal, SIG_DFL);
  const sigset_t set = only(signal);
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  ::raise(signal);
  ::_exit(128 + signal);
}

}  // namespace vox
