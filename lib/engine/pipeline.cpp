#include "engine/pipeline.h"

#include <tbb/concurrent_queue.h>
#include <tbb/parallel_pipeline.h>

#include "core/cancel.h"
#include "engine/on_threads.h"

namespace vox {
namespace {

struct Job {
  std::int64_t index;
  int slot;
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
  tbb::concurrent_queue<int> free_slots;
  for (int slot = 0; slot < slots; ++slot) free_slots.push(slot);
  std::int64_t next = 0;
  const auto first =
      tbb::make_filter<void, Job>(tbb::filter_mode::serial_in_order, [&](tbb::flow_control& control) {
        if (next == count) {
          control.stop();
          return Job{0, 0};
        }
        check_cancelled();
        Job job{next++, 0};
        free_slots.try_pop(job.slot);  // there is one: no more tokens than slots
        if (stages.first) stages.first(job.index, job.slot);
        return job;
      });
  const auto work = tbb::make_filter<Job, Job>(tbb::filter_mode::parallel, [&](Job job) {
    stages.work(job.index, job.slot);
    return job;
  });
  const auto mode = stages.last ? tbb::filter_mode::serial_in_order : tbb::filter_mode::parallel;
  const auto last = tbb::make_filter<Job, void>(mode, [&](Job job) {
    if (stages.last) stages.last(job.index, job.slot);
    free_slots.push(job.slot);
  });
  on_threads(threads, [&] { tbb::parallel_pipeline(static_cast<std::size_t>(slots), first & work & last); });
}

}  // namespace vox
