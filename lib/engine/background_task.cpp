#include "engine/background_task.h"

#include <tbb/task_arena.h>
#include <tbb/task_group.h>

#include <exception>
#include <thread>
#include <utility>

namespace vox {

struct BackgroundTask::Tasks {
  int own_threads;
  tbb::task_group group;
  std::thread thread;
  std::exception_ptr failure;
  std::function<void(std::int64_t)> step;

  void run_from(std::int64_t i, std::int64_t count) {
    group.run([this, i, count] {
      step(i);
      if (i + 1 < count) run_from(i + 1, count);
    });
  }
};

BackgroundTask::BackgroundTask(int own_threads) : tasks_(std::make_unique<Tasks>()) {
  tasks_->own_threads = own_threads;
}
BackgroundTask::~BackgroundTask() = default;

void BackgroundTask::run(std::function<void()> work) {
  if (tasks_->own_threads == 0) return tasks_->group.run(std::move(work));
  tasks_->failure = nullptr;
  tasks_->thread = std::thread([tasks = tasks_.get(), work = std::move(work)] {
    try {
      tbb::task_arena(tasks->own_threads).execute(work);
    } catch (...) {
      tasks->failure = std::current_exception();
    }
  });
}

void BackgroundTask::run_steps(std::int64_t count, std::function<void(std::int64_t)> step) {
  if (count == 0) return;
  tasks_->step = std::move(step);
  if (tasks_->own_threads == 0) return tasks_->run_from(0, count);
  run([tasks = tasks_.get(), count] {
    for (std::int64_t i = 0; i < count; ++i) tasks->step(i);
  });
}

void BackgroundTask::wait() {
  tasks_->group.wait();
  if (!tasks_->thread.joinable()) return;
  tasks_->thread.join();
  if (tasks_->failure) std::rethrow_exception(std::exchange(tasks_->failure, nullptr));
}

void BackgroundTask::cancel() { tasks_->group.cancel(); }

}  // namespace vox
