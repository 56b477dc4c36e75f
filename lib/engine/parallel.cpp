#include "engine/parallel.h"

#include <tbb/parallel_for.h>

#include "engine/hand_over.h"

namespace vox {

void parallel_for(std::int64_t count, const std::function<void(std::int64_t)>& work) {
  HandOver begun;
  HandOver ended;
  const OthersTurn others(begun, ended);
  tbb::parallel_for(std::int64_t{0}, count, [&](std::int64_t i) {
    const Turn turn(begun, ended);
    work(i);
  });
}

void parallel_invoke(const std::function<void()>& one, const std::function<void()>& other) {
  parallel_for(2, [&](std::int64_t i) { i == 0 ? one() : other(); });
}

}  // namespace vox
