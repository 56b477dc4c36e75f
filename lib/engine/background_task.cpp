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

void BackgroundTask::wait() {
  tasks_->group.wait();
  if (!tasks_->thread.joinable()) return;
  tasks_->thread.join();
  if (tasks_->failure) std::rethrow_exception(std::exchange(tasks_->failure, nullptr));
}

void BackgroundTask::cancel() { tasks_->group.cancel(); }

}  // namespace vox
