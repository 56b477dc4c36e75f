// The failure that struck first, where several threads can fail.
#pragma once

#include <exception>
#include <functional>
#include <mutex>
#include <utility>

namespace vox {

/// Keeps the first exception. It also tells the others to end, so what they throw then does not count.
class FirstFailure {
 public:
  explicit FirstFailure(std::function<void()> tell_others) : tell_others_(std::move(tell_others)) {}

  /// REQUIRES: called while an exception is handled.
  void note() {
    {
      const std::lock_guard lock(mutex_);
      if (first_) return;
      first_ = std::current_exception();
    }
    tell_others_();
  }
  bool happened() const {
    const std::lock_guard lock(mutex_);
    return first_ != nullptr;
  }
  void throw_if_any() const {
    const std::lock_guard lock(mutex_);
    if (first_) std::rethrow_exception(first_);
  }

 private:
  std::function<void()> tell_others_;
  mutable std::mutex mutex_;
  std::exception_ptr first_;
};

}  // namespace vox
