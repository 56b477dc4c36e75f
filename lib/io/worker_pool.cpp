#include "io/worker_pool.h"

#include <algorithm>
#include <utility>

#include "core/cancel.h"

namespace vox {

WorkerBatch::~WorkerBatch() {
  std::unique_lock lock(pool_.mutex_);
  drop();
  pool_.job_ended_.wait(lock, [this] { return running_ == 0; });
}

void WorkerBatch::drop() {
  next_ = count_;
  std::erase(pool_.batches_, this);
}

void WorkerBatch::start(std::int64_t count, std::function<void(std::int64_t)> job) {
  const std::lock_guard lock(pool_.mutex_);
  job_ = std::move(job);
  next_ = 0;
  count_ = count;
  pool_.batches_.push_back(this);
  pool_.there_is_work_.notify_all();
}

bool WorkerBatch::work(std::unique_lock<std::mutex>& lock) {
  if (next_ == count_) return false;
  const std::int64_t index = next_++;
  if (next_ == count_) std::erase(pool_.batches_, this);
  ++running_;
  lock.unlock();
  std::exception_ptr error;
  try {
    job_(index);
  } catch (...) {
    error = std::current_exception();
  }
  lock.lock();
  --running_;
  if (error && !error_) error_ = error;
  if (error) drop();
  pool_.job_ended_.notify_all();
  return true;
}

void WorkerBatch::wait() {
  std::unique_lock lock(pool_.mutex_);
  while (work(lock)) {
    if (cancel_signal() == 0) continue;
    drop();
    break;
  }
  pool_.job_ended_.wait(lock, [this] { return running_ == 0; });
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  lock.unlock();
  check_cancelled();
}

WorkerPool::WorkerPool(int threads) {
  for (int i = 0; i < threads && threads > 1; ++i) threads_.emplace_back([this] { run(); });
}

WorkerPool::~WorkerPool() {
  const std::lock_guard lock(mutex_);
  stop_ = true;
  there_is_work_.notify_all();
}

void WorkerPool::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    there_is_work_.wait(lock, [this] { return stop_ || !batches_.empty(); });
    if (stop_) return;
    batches_.front()->work(lock);
  }
}

}  // namespace vox
