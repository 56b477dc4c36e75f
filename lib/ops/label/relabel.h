// Kernel: labels become others.
#pragma once

#include <vector>

#include "ops/kernel.h"
#include "ops/label/label_index.h"

namespace vox {

/// Labels of an integer type get new values of the same type; those that are not named become 0. Kind labels.
class Relabel : public Kernel {
 public:
  /// The label of place i in `index` becomes `values[i]`, in bits of the type.
  Relabel(DType dtype, LabelIndex index, const std::vector<std::uint64_t>& values);

  VolumeMeta output_meta(const VolumeMeta& input) const override;
  std::int64_t scratch_bytes(const Extent3& block) const override;
  void apply(const ConstBlock& in, const Block& out, Tally& tally) const override;

 private:
  DType dtype_;
  LabelIndex index_;
  std::vector<std::byte> values_;  ///< of the type; the first is 0, for what is not named
};

}  // namespace vox
