#include "engine/on_threads.h"

#include <tbb/global_control.h>
#include <tbb/task_arena.h>

namespace vox {

void on_threads(int threads, const std::function<void()>& work) {
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                  static_cast<std::size_t>(threads));
  tbb::task_arena(threads).execute(work);
}

}  // namespace vox
