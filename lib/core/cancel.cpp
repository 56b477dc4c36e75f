#include "core/cancel.h"

#include <atomic>

#include "core/error.h"

namespace vox {
namespace {

std::atomic<int> g_signal{0};
static_assert(std::atomic<int>::is_always_lock_free);

}  // namespace

void request_cancel(int signal) {
  int none = 0;
  g_signal.compare_exchange_strong(none, signal);
}

int cancel_signal() { return g_signal.load(std::memory_order_relaxed); }

void check_cancelled() {
  if (cancel_signal() != 0) throw Error(ErrorKind::cancelled, "stopped by signal " + std::to_string(cancel_signal()));
}

void reset_cancel() { g_signal = 0; }

}  // namespace vox
