// A volume at several resolutions, as it is planned and written.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/meta.h"
#include "io/volume_io.h"
#include "io/zarr_layout.h"

namespace vox {

/// Of OME-Zarr.
enum class OmeVersion { v04, v05 };

/// One resolution of an image.
struct LevelPlan {
  Extent3 shape;
  Extent3 factor{1, 1, 1};  ///< voxels of level 0 along each axis that one voxel stands for
};

struct MultiscalePlan {
  VolumeMeta meta;                ///< of level 0
  std::vector<LevelPlan> levels;  ///< largest first
  std::string method;             ///< how a level was made of the one before; empty for one level
  OmeVersion version = OmeVersion::v05;
  ZarrLayoutWish layout;
  std::string labels_of = {};  ///< of labels: where the image is that they belong to, seen from their store
};

/// Where the levels of a volume go. Nothing exists under its name before `finish()`; destroyed without it,
/// it removes what it wrote.
class LevelSink {
 public:
  virtual ~LevelSink() = default;
  LevelSink(const LevelSink&) = delete;
  LevelSink& operator=(const LevelSink&) = delete;

  /// Whole planes of one level, in order, or rows of full width in scan order; those of a level before those
  /// that are made of them. A format that keeps planes gets all levels of a plane before the next plane.
  virtual void put(std::size_t level, const Box3& box, std::span<const std::byte> voxels) = 0;
  /// REQUIRES: every voxel of every level was put.
  virtual void finish() = 0;

 protected:
  LevelSink() = default;
};

/// What a format that holds several resolutions knows of them.
struct MultiscaleFormat {
  bool keeps_planes = false;  ///< every level has all planes
  bool has_chunks = true;     ///< knows shards and versions, of Zarr
  /// What such a sink will hold in memory. Throws what `create` would throw of the plan.
  std::int64_t (*held_bytes)(const std::string& path, const MultiscalePlan& plan,
                             const CreateOptions& options);
  std::unique_ptr<LevelSink> (*create)(const std::string& path, const MultiscalePlan& plan,
                                       const CreateOptions& options);
};

}  // namespace vox
