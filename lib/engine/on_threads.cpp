#include "engine/on_threads.h"

#include <tbb/global_control.h>
#include <tbb/task_arena.h>

#include "engine/hand_over.h"

namespace vox {

void on_threads(int threads, const std::function<void()>& work) {
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                  static_cast<std::size_t>(threads));
  HandOver begun;
  HandOver ended;
  const OthersTurn others(begun, ended);
  tbb::task_arena(threads).execute([&] {
    const Turn turn(begun, ended);
    work();
  });
}

}  // namespace vox
