// A kernel that is shown another volume beside its input: a mask.
#pragma once

#include "io/volume_io.h"
#include "ops/kernel.h"

namespace vox {

/// Reads the box of `beside` that belongs to each block and calls `apply_beside` of `kernel` with both. Lives
/// here, since kernels know no files.
class BesideKernel : public Kernel {
 public:
  /// REQUIRES: `beside` has the shape of the input and can seek when the pass begins; both live as long. The
  /// kernel has neither halo nor tiles.
  BesideKernel(const Kernel& kernel, SlabSource& beside) : kernel_(kernel), beside_(beside) {}

  VolumeMeta output_meta(const VolumeMeta& input) const override { return kernel_.output_meta(input); }
  std::int64_t scratch_bytes(const Extent3& block) const override;
  void apply(const ConstBlock& in, const Block& out, Tally& tally) const override;

 private:
  const Kernel& kernel_;
  SlabSource& beside_;
};

}  // namespace vox
