// Voxels that are computed when they are asked for, behind the interface of voxels that are read.
#pragma once

#include <functional>

#include "core/block.h"
#include "io/volume_io.h"

namespace vox {

class GeneratedSource final : public SlabSource {
 public:
  /// Fills a dense block of the volume; called by several threads at once.
  using Fill = std::function<void(const Block& out)>;

  /// `info` stands in messages and plans. `scratch_bytes`: what one call of `fill` takes besides the block.
  GeneratedSource(VolumeMeta meta, SourceInfo info, Fill fill, std::int64_t scratch_bytes = 0);

  bool seekable() const override { return true; }
  std::int64_t scratch_bytes() const override { return scratch_bytes_; }
  void read(const Box3& box, std::byte* out) override;

 private:
  Fill fill_;
  std::int64_t scratch_bytes_;
};

}  // namespace vox
