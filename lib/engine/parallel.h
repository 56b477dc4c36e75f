// Loops whose steps any thread may take.
#pragma once

#include <cstdint>
#include <functional>

namespace vox {

/// Calls `work(0)` to `work(count - 1)`, each once, on the threads that `on_threads` allows. Throws what one
/// of them threw, and then others may not have been called.
void parallel_for(std::int64_t count, const std::function<void(std::int64_t)>& work);

/// Calls both, if a thread is free at the same time.
void parallel_invoke(const std::function<void()>& one, const std::function<void()>& other);

}  // namespace vox
