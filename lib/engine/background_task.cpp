#include "engine/background_task.h"

#include <tbb/task_group.h>

#include <utility>

namespace vox {

struct BackgroundTask::Tasks {
  tbb::task_group group;
};

BackgroundTask::BackgroundTask() : tasks_(std::make_unique<Tasks>()) {}
BackgroundTask::~BackgroundTask() = default;

void BackgroundTask::run(std::function<void()> work) { tasks_->group.run(std::move(work)); }
void BackgroundTask::wait() { tasks_->group.wait(); }
void BackgroundTask::cancel() { tasks_->group.cancel(); }

}  // namespace vox
