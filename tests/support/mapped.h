// What kernels make of a volume in memory.
#pragma once

#include <memory>
#include <utility>

#include "engine/engine.h"
#include "support/memory_volume.h"

namespace vox::test {

inline constexpr BoundaryMode kBoundaryModes[] = {BoundaryMode::nearest, BoundaryMode::reflect,
                                                  BoundaryMode::mirror, BoundaryMode::constant,
                                                  BoundaryMode::wrap};

inline Volume mapped(const Volume& in, const KernelList& kernels, const Boundary& boundary, int threads,
                     std::int64_t memory, bool seekable) {
  Resources resources;
  resources.threads = threads;
  resources.memory = memory;
  std::unique_ptr<SlabSource> source = std::make_unique<MemorySource>(in, seekable);
  if (boundary.mode == BoundaryMode::wrap) source = make_rereadable(std::move(source), resources);
  MemorySink sink(output_meta(in.meta, kernels), seekable);
  run_map(*source, kernels, boundary, sink, resources);
  return sink.volume;
}

}  // namespace vox::test
