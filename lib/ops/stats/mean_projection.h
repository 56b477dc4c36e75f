// The mean along z at each place of a plane.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/extent.h"
#include "core/meta.h"
#include "ops/reducer.h"

namespace vox {

/// Means of the finite voxels; 0 where there are none. Sums are whole numbers of a fixed unit: exact for
/// integers of up to 32 bits, else to 2^-40 of the largest magnitude or better. Each thread holds 12 bytes
/// for each place of a plane.
class MeanProjection final : public Reducer {
 public:
  /// `range`: of the finite voxels; may be anything for integers of up to 32 bits.
  MeanProjection(DType dtype, const Extent3& shape, const Range& range);

  std::unique_ptr<Reducer> empty() const override;
  void observe(std::span<const ConstBlock> blocks) override;
  void merge(const Reducer& other) override;
  bool exchange(KeptState& state) override;
  std::int64_t memory_bytes() const override { return shape_.y * shape_.x * 12; }

  /// True when a projection of that type needs the range.
  static bool needs_range(DType dtype);

  /// One value for each place, in scan order.
  std::vector<double> means() const;

 private:
  MeanProjection(DType dtype, const Extent3& shape, double factor)
      : dtype_(dtype), shape_(shape), factor_(factor) {}
  void hold();

  DType dtype_;
  Extent3 shape_;
  double factor_ = 1;  ///< units per unit of the voxels' values, a power of two
  std::vector<std::int64_t> sums_;
  std::vector<std::uint32_t> missing_;  ///< voxels that are not finite
};

}  // namespace vox
