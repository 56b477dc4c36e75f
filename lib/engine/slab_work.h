// What reading and writing beside the kernels share.
#pragma once

#include "engine/engine.h"
#include "engine/first_failure.h"

namespace vox {

struct SlabWork {
  Progress* progress;               ///< may be null
  int own_threads;                  ///< of the background (`BackgroundTask`)
  FirstFailure* failure = nullptr;  ///< what goes wrong is noted there, if there is one, when it happens

  /// Runs `work` and notes what goes wrong in the background before anybody waits for it.
  template <class Work>
  void noting(Work&& work) const {
    try {
      work();
    } catch (...) {
      if (failure != nullptr) failure->note();
      throw;
    }
  }
};

}  // namespace vox
