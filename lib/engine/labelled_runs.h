// The objects of a volume as runs with numbers, found in one pass and ready to be painted.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include "engine/engine.h"
#include "ops/label/connectivity.h"
#include "ops/label/object_measure.h"
#include "ops/label/row_bits.h"

namespace vox {

/// What an object is.
struct ComponentRequest {
  Foreground foreground;
  Connectivity connectivity = Connectivity::faces;
  bool by_value = false;  ///< neighbours belong together only when they are equal
  bool measures = false;  ///< sizes and places are wanted
  bool runs = true;       ///< are kept; if not, nothing can be painted or filled
};

/// Objects are numbered 0, 1, ... by their first voxel in scan order, whatever the threads and the memory.
/// What it holds grows with the objects and their runs, if these are kept; what does not fit of them lies in
/// an unlinked file.
class LabelledRuns {
 public:
  virtual ~LabelledRuns() = default;
  LabelledRuns(const LabelledRuns&) = delete;
  LabelledRuns& operator=(const LabelledRuns&) = delete;

  std::int64_t objects() const { return objects_; }
  /// By object, when asked for.
  const std::deque<ObjectMeasure>& measures() const { return measures_; }
  std::deque<ObjectMeasure> take_measures() { return std::move(measures_); }

  /// Says with which value each object is painted, `size` bytes wide; 0 is background.
  virtual void set_labels(std::int64_t size,
                          const std::function<std::uint64_t(std::int64_t object)>& label) = 0;
  /// Fills a dense block of full-width rows with labels. Any thread. REQUIRES: kept runs,
  /// and set_labels with the block's size of voxels.
  virtual void paint(const Block& out) const = 0;
  /// Voxels of objects whose label is not 0 get the value of the voxel before their run; others stay. Such a
  /// run must not begin a row. REQUIRES: kept runs, and set_labels with size 1.
  virtual void fill(const Block& volume) const = 0;
  /// What one call of `paint` or `fill` takes besides the block.
  virtual std::int64_t scratch_bytes() const = 0;
  virtual std::int64_t memory_bytes() const = 0;
  /// In the scratch file.
  virtual std::int64_t file_bytes() const = 0;

 protected:
  LabelledRuns() = default;

  std::int64_t objects_ = 0;
  std::deque<ObjectMeasure> measures_;
};

PassPlan plan_components(const SlabSource& source, const ComponentRequest& request,
                         const Resources& resources);
/// One pass over `source`, which may be a pipe. Throws an exit-3 error when the objects do not fit the
/// memory.
std::unique_ptr<LabelledRuns> find_components(SlabSource& source, const ComponentRequest& request,
                                              const Resources& resources);

/// The painted volume, to be read. `first_plane`: of the volume, where the runs begin when they are of some
/// of its planes; others must not be read. REQUIRES: `runs` outlives it.
std::unique_ptr<SlabSource> painted(const LabelledRuns& runs, const VolumeMeta& meta, const SourceInfo& info,
                                    std::int64_t first_plane = 0);
/// `source` with objects filled. REQUIRES: both outlive it.
std::unique_ptr<SlabSource> filled(SlabSource& source, const LabelledRuns& runs,
                                   std::int64_t first_plane = 0);

}  // namespace vox
