// Runs numbered jobs through three stages with several threads, a bounded number at a time.
#pragma once

#include <cstdint>
#include <functional>

namespace vox {

/// What happens to job `index`, which holds slot `slot` (0 <= slot < slots) while it is in flight.
struct Stages {
  std::function<void(std::int64_t index, int slot)> first;  ///< one at a time, in order; may be empty
  std::function<void(std::int64_t index, int slot)> work;   ///< by any thread
  std::function<void(std::int64_t index, int slot)> last;   ///< one at a time, in order; may be empty
};

/// Runs jobs 0..count-1. With one thread everything happens in the caller's. The first exception ends the run
/// and is thrown again; a wish to stop (`check_cancelled`) is looked for before each job.
void run_pipeline(std::int64_t count, int slots, int threads, const Stages& stages);

}  // namespace vox
