// The metas along a chain of kernels.
#pragma once

#include <vector>

#include "engine/engine.h"

namespace vox {

/// Of the input, after the first kernel, ..., of the output.
inline std::vector<VolumeMeta> metas_along(const VolumeMeta& input, const KernelList& kernels) {
  std::vector<VolumeMeta> metas{input};
  for (const Kernel* kernel : kernels) metas.push_back(kernel->output_meta(metas.back()));
  return metas;
}

}  // namespace vox
