// Moves voxels from sources through kernels or reducers into sinks: the only code that knows threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/boundary.h"
#include "core/tally.h"
#include "io/volume_io.h"
#include "ops/kernel.h"
#include "ops/reducer.h"

namespace vox {

/// Read by whoever shows progress, written by the engine.
struct Progress {
  std::atomic<std::int64_t> bytes_in{0};     ///< voxel bytes read so far, over all passes
  std::atomic<std::int64_t> bytes_out{0};    ///< voxel bytes written so far
  std::atomic<std::int64_t> bytes_total{0};  ///< voxel bytes to read in the pass that runs
  std::atomic<std::int64_t> pass_start{0};   ///< bytes_in when that pass began
};

/// What a run may use.
struct Resources {
  int threads = 1;
  std::int64_t memory = std::int64_t{1} << 30;  ///< buffers, spool and kernels' scratch together
  std::string tmpdir = "/tmp";
  Progress* progress = nullptr;  ///< may be null
  std::int64_t taken = 0;        ///< of what was allowed, by things that stay: no longer in `memory`

  void take(std::int64_t bytes) {
    memory -= bytes;
    taken += bytes;
  }
};

/// What one pass will do, as `--explain` prints it.
struct PassPlan {
  std::string what;  ///< "reduce", "map"
  Extent3 block;     ///< voxels that are read, computed and written at once
  Extent3 halo;      ///< summed over the kernels
  Extent3 tile;      ///< of a kernel that is applied to exactly such boxes; 0: there is none
  int tiles_in_flight = 0;
  int blocks_in_flight = 1;
  std::int64_t peak_memory = 0;  ///< bytes of buffers and scratch
  std::int64_t bytes_in = 0;
  std::int64_t bytes_out = 0;
  std::int64_t spool_bytes = 0;  ///< in `tmpdir`; 0 when the spool fits the memory
};

using KernelList = std::vector<const Kernel*>;

/// The meta of the volume that comes out of a list of kernels.
VolumeMeta output_meta(const VolumeMeta& input, const KernelList& kernels);

/// Runs `source` through `kernels`, one after the other, into `sink`, which the caller then finishes. Voxels
/// are the same for any number of threads, memory, and source or sink. Between kernels the intermediate
/// volume is extended again by `boundary` at the volume's edges. Throws exit-3 errors with the arithmetic
/// when `resources.memory` is too small.
Tally run_map(SlabSource& source, const KernelList& kernels, const Boundary& boundary, SlabSink& sink,
              const Resources& resources);
PassPlan plan_map(const SlabSource& source, const KernelList& kernels, const Boundary& boundary,
                  const VolumeMeta& output, const SlabSink* sink, const Resources& resources);
/// The same for some planes of the output: of the source only those are read that they need. REQUIRES: they
/// begin at a multiple of the sink's chunk and of the last kernel's tile, and end at one or at the volume's
/// end.
Tally run_map(SlabSource& source, const KernelList& kernels, const Boundary& boundary, SlabSink& sink,
              const Resources& resources, const Interval& planes);
PassPlan plan_map(const SlabSource& source, const KernelList& kernels, const Boundary& boundary,
                  const VolumeMeta& output, const SlabSink* sink, const Resources& resources,
                  const Interval& planes);

/// Shows every voxel of `sources` (the volume, then further volumes of the same shape) to `reducer`, or those
/// of some planes.
void run_reduce(std::span<SlabSource* const> sources, Reducer& reducer, const Resources& resources);
PassPlan plan_reduce(std::span<SlabSource* const> sources, const Reducer& reducer,
                     const Resources& resources);
void run_reduce(std::span<SlabSource* const> sources, Reducer& reducer, const Resources& resources,
                const Interval& planes);
PassPlan plan_reduce(std::span<SlabSource* const> sources, const Reducer& reducer, const Resources& resources,
                     const Interval& planes);

/// A source that can be read more than once and in any order: `source` itself when it is seekable, else one
/// that keeps what the first, ordered pass read: in half of the memory when that is enough
/// (`resources.memory` then shrinks by as much), else in an unlinked file in `tmpdir`.
std::unique_ptr<SlabSource> make_rereadable(std::unique_ptr<SlabSource> source, Resources& resources);
/// Reads a source that `make_rereadable` gave to its end, if it must be, so that it can seek.
void read_through(SlabSource& source);

}  // namespace vox
