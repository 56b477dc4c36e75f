// Kernel: change the voxel type.
#pragma once

#include "ops/kernel.h"

namespace vox {

/// Converts to `to` as `convert_voxels` does; a range stays known when both of its ends survive unchanged.
class Convert : public Kernel {
 public:
  explicit Convert(DType to) : to_(to) {}

  VolumeMeta output_meta(const VolumeMeta& input) const override;
  void apply(const ConstBlock& in, const Block& out, Tally& tally) const override;

 private:
  DType to_;
};

}  // namespace vox
