// Threads that work on numbered jobs while their owner goes on: for sinks that compress.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace vox {

class WorkerPool;

/// Jobs 0..count-1 of one kind, done in any order by any thread. The first exception ends it.
class WorkerBatch {
 public:
  explicit WorkerBatch(WorkerPool& pool) : pool_(pool) {}
  /// Jobs that have not begun are dropped, and those that run awaited.
  ~WorkerBatch();
  WorkerBatch(const WorkerBatch&) = delete;
  WorkerBatch& operator=(const WorkerBatch&) = delete;

  /// REQUIRES: nothing runs.
  void start(std::int64_t count, std::function<void(std::int64_t)> job);
  /// Helps, then waits for the others; throws what a job threw. Looks for a wish to stop.
  void wait();

 private:
  friend class WorkerPool;
  /// Takes one job, if there is one, and does it. REQUIRES: `lock` is held.
  bool work(std::unique_lock<std::mutex>& lock);
  void drop();

  WorkerPool& pool_;
  std::function<void(std::int64_t)> job_;
  std::int64_t next_ = 0;
  std::int64_t count_ = 0;
  int running_ = 0;
  std::exception_ptr error_;
};

class WorkerPool {
 public:
  /// With one thread all work is done by who waits for it.
  explicit WorkerPool(int threads);
  /// REQUIRES: no batch is left.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

 private:
  friend class WorkerBatch;
  void run();

  std::mutex mutex_;
  std::condition_variable there_is_work_;
  std::condition_variable job_ended_;
  std::deque<WorkerBatch*> batches_;
  bool stop_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace vox
