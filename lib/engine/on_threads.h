// Work on as many threads as a run may have.
#pragma once

#include <functional>

namespace vox {

/// Runs `work`, whose parallel loops use up to `threads` threads: also more than there are processors, when
/// the user asks for them.
void on_threads(int threads, const std::function<void()>& work);

}  // namespace vox
