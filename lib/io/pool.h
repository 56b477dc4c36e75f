// Coder states and buffers that threads borrow, so that none is made twice without need.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace vox {

/// Holds as many `State`s as threads ever worked at once.
template <class State>
class Pool {
 public:
  explicit Pool(std::function<std::unique_ptr<State>()> make) : make_(std::move(make)) {}

  /// A state of one's own until the loan ends.
  class Loan {
   public:
    explicit Loan(Pool& pool) : pool_(pool), state_(pool.take()) {}
    ~Loan() { pool_.give_back(std::move(state_)); }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    State* operator->() const { return state_.get(); }
    State& operator*() const { return *state_; }

   private:
    Pool& pool_;
    std::unique_ptr<State> state_;
  };

 private:
  std::unique_ptr<State> take() {
    {
      const std::lock_guard lock(mutex_);
      if (!free_.empty()) {
        std::unique_ptr<State> state = std::move(free_.back());
        free_.pop_back();
        return state;
      }
    }
    return make_();
  }

  void give_back(std::unique_ptr<State> state) {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(state));
  }

  std::function<std::unique_ptr<State>()> make_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<State>> free_;
};

/// Memory that only grows and is not cleared.
class GrowingBuffer {
 public:
  std::span<std::byte> of_size(std::int64_t size) {
    const auto wanted = static_cast<std::size_t>(size);
    if (wanted > capacity_) {
      data_.reset();
      data_ = std::make_unique_for_overwrite<std::byte[]>(wanted);
      capacity_ = wanted;
    }
    return {data_.get(), wanted};
  }

 private:
  std::unique_ptr<std::byte[]> data_;
  std::size_t capacity_ = 0;
};

}  // namespace vox
