#include "engine/background_task.h"

#include <tbb/task_arena.h>
#include <tbb/task_group.h>

#include <exception>
#include <thread>
#include <utility>

#include "engine/hand_over.h"

namespace vox {

struct BackgroundTask::Tasks {
  int own_threads;
  tbb::task_group group;
  std::thread thread;
  std::exception_ptr failure;
  std::function<void(std::int64_t)> step;
  HandOver hand_over;  ///< to the work and back: whoever runs it, or waits, is the only one

  void run_from(std::int64_t i, std::int64_t count) {
    hand_over.give();
    group.run([this, i, count] {
      const Turn turn(hand_over, hand_over);
      step(i);
      if (i + 1 < count) run_from(i + 1, count);
    });
  }

  void run_on_thread(std::int64_t count) {
    failure = nullptr;
    thread = std::thread([this, count] {
      try {
        tbb::task_arena(own_threads).execute([this, count] {
          for (std::int64_t i = 0; i < count; ++i) step(i);
        });
      } catch (...) {
        failure = std::current_exception();
      }
    });
  }
};

BackgroundTask::BackgroundTask(int own_threads) : tasks_(std::make_unique<Tasks>()) {
  tasks_->own_threads = own_threads;
}
BackgroundTask::~BackgroundTask() = default;

void BackgroundTask::run(std::function<void()> work) {
  run_steps(1, [work = std::move(work)](std::int64_t) { work(); });
}

void BackgroundTask::run_steps(std::int64_t count, std::function<void(std::int64_t)> step) {
  if (count == 0) return;
  tasks_->step = std::move(step);
  if (tasks_->own_threads == 0)
    tasks_->run_from(0, count);
  else
    tasks_->run_on_thread(count);
}

void BackgroundTask::wait() {
  const OthersTurn others(tasks_->hand_over, tasks_->hand_over);
  tasks_->group.wait();
  if (!tasks_->thread.joinable()) return;
  tasks_->thread.join();
  if (tasks_->failure) std::rethrow_exception(std::exchange(tasks_->failure, nullptr));
}

void BackgroundTask::cancel() { tasks_->group.cancel(); }

}  // namespace vox
