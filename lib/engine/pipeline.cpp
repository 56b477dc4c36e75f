#include "engine/pipeline.h"

#include <tbb/parallel_pipeline.h>

#include <mutex>
#include <vector>

#include "core/cancel.h"
#include "engine/hand_over.h"
#include "engine/on_threads.h"

namespace vox {
namespace {

struct Job {
  std::int64_t index;
  int slot;
  HandOver* in_slot;
};

/// Which slots are free, and that jobs follow each other in a slot and in the stages that go in order.
class Turns {
 public:
  explicit Turns(int slots) : slots_(static_cast<std::size_t>(slots)) {
    for (int slot = 0; slot < slots; ++slot) free_.push_back(slot);
    first_.give();
  }
  ~Turns() {
    const std::lock_guard lock(mutex_);
    for (HandOver& slot : slots_) slot.take();
    first_.take();
    last_.take();
  }
  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;

  /// REQUIRES: a slot is free.
  Job job(std::int64_t index) {
    const std::lock_guard lock(mutex_);
    const int slot = free_.back();
    free_.pop_back();
    return {index, slot, &slots_[static_cast<std::size_t>(slot)]};
  }
  void leave_slot(int slot) {
    const std::lock_guard lock(mutex_);
    free_.push_back(slot);
  }

  Turn first() { return {first_, first_}; }
  Turn last() { return {last_, last_}; }

 private:
  std::mutex mutex_;
  std::vector<int> free_;
  HandOver first_;
  HandOver last_;
  std::vector<HandOver> slots_;
};

void run_in_order(std::int64_t count, const Stages& stages) {
  for (std::int64_t index = 0; index < count; ++index) {
    check_cancelled();
    if (stages.first) stages.first(index, 0);
    stages.work(index, 0);
    if (stages.last) stages.last(index, 0);
  }
}

}  // namespace

void run_pipeline(std::int64_t count, int slots, int threads, const Stages& stages) {
  if (threads <= 1 || slots <= 1 || count <= 1) {
    run_in_order(count, stages);
    return;
  }
  Turns turns(slots);
  std::int64_t next = 0;
  const auto first =
      tbb::make_filter<void, Job>(tbb::filter_mode::serial_in_order, [&](tbb::flow_control& control) {
        const Turn in_order = turns.first();
        if (next == count) {
          control.stop();
          return Job{0, 0, nullptr};
        }
        check_cancelled();
        const Job job = turns.job(next++);  // there is a slot: no more tokens than slots
        const Turn turn(*job.in_slot, *job.in_slot);
        if (stages.first) stages.first(job.index, job.slot);
        return job;
      });
  const auto work = tbb::make_filter<Job, Job>(tbb::filter_mode::parallel, [&](Job job) {
    const Turn turn(*job.in_slot, *job.in_slot);
    stages.work(job.index, job.slot);
    return job;
  });
  const auto finish = [&](Job job) {
    const Turn turn(*job.in_slot, *job.in_slot);
    if (!stages.last) return;
    const Turn in_order = turns.last();
    stages.last(job.index, job.slot);
  };
  const auto mode = stages.last ? tbb::filter_mode::serial_in_order : tbb::filter_mode::parallel;
  const auto last = tbb::make_filter<Job, void>(mode, [&](Job job) {
    finish(job);
    turns.leave_slot(job.slot);
  });
  on_threads(threads, [&] { tbb::parallel_pipeline(static_cast<std::size_t>(slots), first & work & last); });
}

}  // namespace vox
