// Kernel: the difference between a volume along a chain of kernels and an earlier one.
#pragma once

#include "ops/kernel.h"

namespace vox {

/// The type stays: integers saturate (and count as saturated), NaN and differences of equal infinities give
/// NaN.
class Difference : public Kernel {
 public:
  enum class Order { earlier_minus_this, this_minus_earlier };

  /// `back`: how many kernels before this one the earlier volume went in.
  Difference(int back, Order order) : back_(back), order_(order) {}

  VolumeMeta output_meta(const VolumeMeta& input) const override;
  int looks_back() const override { return back_; }
  /// Only `apply_beside` makes sense. Throws.
  void apply(const ConstBlock& in, const Block& out, Tally& tally) const override;
  void apply_beside(const ConstBlock& in, const ConstBlock& earlier, const Block& out,
                    Tally& tally) const override;

 private:
  int back_;
  Order order_;
};

/// out = a - b for `count` voxels as above. `out` may be `a` or `b`.
void subtract_voxels(DType dtype, const std::byte* a, const std::byte* b, std::byte* out, std::int64_t count,
                     Tally& tally);

}  // namespace vox
