// The planes that a kernel with a neighbourhood sees: a sliding run of planes of one volume, with margins.
#pragma once

#include <cstdint>
#include <vector>

#include "core/block.h"
#include "core/boundary.h"
#include "core/meta.h"
#include "engine/buffer.h"

namespace vox {

/// Holds planes [first, end) of a volume in virtual coordinates: planes below 0 and beyond the last exist
/// too, by the boundary rule, as do `halo` rows and columns around each plane. Planes arrive in order; old
/// ones are forgotten, and new ones take their places: no plane is moved, none is there twice. Of every plane
/// it holds the same rows: all, or a band of a plane that is too large.
class HaloWindow {
 public:
  /// Room for `planes` new planes and the halo on both sides. `needed`: the virtual planes that the kernel
  /// will see. Those within the volume arrive, with boundary wrap all of them
  /// (the volume is then read around its ends). `rows`: those that arrive. What a kernel needs beyond them
  /// must lie outside of the volume, and with boundary wrap a band brings its neighbours itself, in virtual
  /// coordinates.
  HaloWindow(const VolumeMeta& meta, const Extent3& halo, const Boundary& boundary, std::int64_t planes,
             const Interval& needed, const Interval& rows);

  /// Bytes that the constructor takes.
  static std::int64_t bytes(const VolumeMeta& meta, const Extent3& halo, const Boundary& boundary,
                            std::int64_t planes, std::int64_t rows);

  const Interval& rows() const { return rows_; }
  std::int64_t begin() const { return begin_; }
  std::int64_t end() const { return end_; }

  /// Where the next `count` planes belong: fill the interior of the block, then call `commit`. Its table of
  /// planes holds until the window next changes.
  Block next(std::int64_t count);
  /// Where the rows of a plane of the last `next`, that begins at `plane`, may also be put dense; `spread`
  /// then moves them to where they belong.
  std::byte* dense_rows(std::byte* plane) const;
  void spread(std::byte* plane) const;
  /// Fills the margins of a plane of the last `next`.
  void fill_margins(std::byte* plane) const;
  /// The planes of `next` are complete. Adds the planes before the first one and after the last one of the
  /// volume.
  void commit(std::int64_t count);

  /// A box whose neighbourhood is in the window.
  ConstBlock block(const Box3& box) const;
  /// Forgets planes below `plane`.
  void forget_below(std::int64_t plane);

 private:
  std::byte* plane_data(std::int64_t plane) const {
    return planes_[static_cast<std::size_t>(plane - begin_)];
  }
  std::byte* place(std::int64_t number) const;
  std::byte* outside(std::int64_t plane) const;

  VolumeMeta meta_;
  Extent3 halo_;
  Boundary boundary_;
  Interval needed_;
  Interval rows_;
  std::int64_t row_stride_;
  std::int64_t plane_stride_;
  std::int64_t capacity_;
  std::int64_t first_;  ///< plane that arrives
  std::int64_t begin_;
  std::int64_t end_;
  std::int64_t before_;  ///< planes below 0 that are still to come
  Buffer buffer_;
  std::vector<std::byte*> planes_;  ///< voxel (0, 0) of the rows that arrive, from `begin_` on
  std::vector<std::int64_t>
      sides_;                   ///< for each column beside a row the one that stands for it, -1: constant
  std::uint64_t constant_ = 0;  ///< begins with the voxel of boundary constant
};

}  // namespace vox
