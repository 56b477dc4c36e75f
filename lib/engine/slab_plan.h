// How a volume is cut for kernels with neighbourhoods: slabs of planes, and bands of rows when planes are too
// large for the memory.
#pragma once

#include "engine/engine.h"

namespace vox {

/// The bands of rows into which threads cut a kernel's slabs, the same for each, and what it carries for them
/// from slab to slab.
class SlabTasks {
 public:
  SlabTasks(const Kernel& kernel, std::int64_t rows, std::int64_t columns, int threads);

  /// Of one task; the last may have fewer. Enough that their neighbourhood is not much more, if that leaves
  /// three tasks for every thread.
  std::int64_t rows() const { return rows_; }
  std::int64_t count() const { return count_; }
  /// Planes of a slab that a task computes whose kernel carries nothing: all, or fewer where there would be
  /// too few tasks for the threads; a multiple of `at_once`.
  std::int64_t planes(std::int64_t slab, std::int64_t at_once, int threads) const;
  /// Of all tasks, and where one's begin.
  std::int64_t carried_bytes() const { return count_ * task_bytes_; }
  std::int64_t carried_offset(std::int64_t task) const { return task * task_bytes_; }

 private:
  std::int64_t rows_;
  std::int64_t count_;
  std::int64_t task_bytes_;
};

/// True of a kernel that can go on where it stopped with the last slab.
inline bool carries(const Kernel& kernel) { return kernel.carried_bytes(1, 1) > 0; }

struct SlabPlan {
  std::int64_t planes = 1;  ///< of each volume along the chain that are computed at once
  std::int64_t rows = 1;    ///< of the output in one band; all, unless a plane does not fit
  Extent3 halo;             ///< summed over the kernels
  Extent3 tile;             ///< of the last kernel, clipped to the volume; 0: it has none
  int workers = 1;          ///< tiles that are computed at once
  bool carries = true;      ///< kernels that can go on where they stopped with the last slab do so
  std::int64_t peak_memory = 0;
};

/// Whole planes when they fit `resources.memory`; else bands of as many rows as fit, if both ends can seek
/// (`sink` null: it can); else, kernels that carry something begin anew with every slab. Throws an exit-3
/// error with the arithmetic when nothing fits.
SlabPlan plan_slabs(const SlabSource& source, const KernelList& kernels, const Boundary& boundary,
                    const SlabSink* sink, const Resources& resources);

/// The tile of the last kernel, clipped to the volume; 0 when it has none. Throws a logic error for tiles of
/// other kernels and of one that looks back.
Extent3 tile_of(const KernelList& kernels, const Extent3& volume);

/// New planes that window number `step` has room for when `planes` arrive at once: into the first, as many
/// are read ahead, and with tiles, planes wait until there are enough for a whole one.
std::int64_t window_planes(const KernelList& kernels, std::size_t step, const Extent3& tile,
                           std::int64_t planes);

/// Planes that window number `step` keeps beyond what its kernel needs, because a later one looks back at
/// them or the kernel carries sums.
std::int64_t planes_kept(const KernelList& kernels, std::size_t step);

/// Rows of volume number `step` along the chain (0: the input) that the rows `output` of the last one need.
/// Clipped to the volume, except with boundary wrap: then a band has virtual rows around the volume's ends.
Interval rows_needed(const VolumeMeta& input, const KernelList& kernels, const Boundary& boundary,
                     std::size_t step, const Interval& output);

/// Planes of volume number `step` that the planes `output` of the last one need. Clipped to the volume,
/// except with boundary wrap: then there are virtual planes around its ends.
Interval planes_needed(const VolumeMeta& input, const KernelList& kernels, const Boundary& boundary,
                       std::size_t step, const Interval& output);

}  // namespace vox
