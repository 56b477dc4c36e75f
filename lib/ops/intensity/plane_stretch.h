// Kernel: a linear change of values, of its own for each plane: offsets and gains.
#pragma once

#include <vector>

#include "ops/kernel.h"

namespace vox {

/// (clamp(v, low, high) - offset) * factor in double precision.
struct Stretch {
  double low = 0;  ///< -infinity: no limit
  double high = 0;
  double offset = 0;
  double factor = 1;
};

/// Applies one stretch to every plane, or to each plane its own, and rounds once to float32. NaN stays NaN;
/// infinities end at the limits where there are any. Shown a mask beside the volume (`apply_beside`), voxels
/// where it is zero keep their values.
///
/// The value map leads back where all planes have one stretch without limits; else there is none.
class PlaneStretch : public Kernel {
 public:
  /// `stretches`: one for the whole volume, or one for each plane.
  explicit PlaneStretch(std::vector<Stretch> stretches) : stretches_(std::move(stretches)) {}

  VolumeMeta output_meta(const VolumeMeta& input) const override;
  void apply(const ConstBlock& in, const Block& out, Tally& tally) const override;
  void apply_beside(const ConstBlock& in, const ConstBlock& mask, const Block& out,
                    Tally& tally) const override;

 private:
  const Stretch& of_plane(std::int64_t z) const {
    return stretches_[stretches_.size() == 1 ? 0 : static_cast<std::size_t>(z)];
  }

  std::vector<Stretch> stretches_;
};

}  // namespace vox
