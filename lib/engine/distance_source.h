// The Euclidean distance to the background as a volume that is computed while it is read.
//
// A first pass keeps one bit for each voxel, in memory or in a file. They are walked once from the last plane
// to the first, and what stands below every few planes is kept too; with that, distances come plane by plane
// in scan order, so that nothing of the size of the volume is ever held but its bits.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "engine/engine.h"
#include "engine/spool_store.h"
#include "ops/label/distance_scale.h"
#include "ops/label/foreground_reducer.h"

namespace vox {

class DistanceSource final : public SlabSource {
 public:
  /// Distances of the non-zero voxels of a volume, float32, in units of its spacing (voxels where it has
  /// none). Plans within three quarters of `resources.memory`; throws an exit-3 error when a few planes do
  /// not fit. Does and allocates nothing yet.
  DistanceSource(const VolumeMeta& input, const std::string& name, const Resources& resources);
  ~DistanceSource() override;
  /// What `resources.memory` must be at least.
  static std::int64_t least_memory(const VolumeMeta& input, int threads);

  /// To be shown the volume in one pass, before the first `read`.
  ForegroundReducer& foreground() { return foreground_; }
  /// What is planned, for `--explain`; its peak is held from the first pass to the end.
  const PassPlan& plan() const { return plan_; }

  bool seekable() const override { return false; }
  /// In scan order; uses the threads allowed.
  void read(const Box3& box, std::byte* out) override;

 private:
  struct Room;

  void make_plan(const Resources& resources);
  void keep_bits(std::int64_t first_row, std::span<const std::uint64_t> words);
  std::int64_t planes_of(std::int64_t chunk) const;
  void load_bits(std::int64_t chunk);
  const std::uint64_t* bits(std::int64_t plane, std::int64_t row) const;
  void walk_back();
  void compute_chunk(std::int64_t chunk);
  void count_steps(std::int64_t planes, std::int64_t row);
  std::byte* plane_row(std::int64_t plane, std::int64_t row) const;

  Extent3 shape_;
  DistanceScale scale_;
  std::int64_t pitch_;       ///< values from row to row of a plane
  std::int64_t row_words_;   ///< of bits
  std::int64_t planes_ = 1;  ///< in a chunk
  std::int64_t chunks_ = 1;
  bool bits_in_memory_ = true;
  bool below_in_memory_ = true;
  int threads_;
  std::string tmpdir_;
  PassPlan plan_;
  ForegroundReducer foreground_;

  std::once_flag made_;
  std::unique_ptr<SpoolStore> bit_store_;
  std::unique_ptr<SpoolStore> below_store_;  ///< steps to the background below each chunk but the last
  std::unique_ptr<Room> room_;
  std::int64_t chunk_ = -1;  ///< that is in the room
};

}  // namespace vox
