// What a constant outside of the volume adds to terms of linear filters.
#pragma once

#include <array>
#include <vector>

#include "core/extent.h"
#include "ops/filter/fir_term.h"

namespace vox {

/// A volume with a value other than 0 all around.
struct ConstantOutside {
  double value;
  Extent3 shape;
};

/// The engine extends the volume once. scipy.ndimage extends the result of every axis by the constant again:
/// outside of the volume, there is no derivative of 0 but the constant. As filters are linear, that adds a
/// value to a term, other than 0 only near the faces across the axes after the first.
class FirOutside {
 public:
  FirOutside(const FirTerm& term, const ConstantOutside& outside);

  /// What is added at a voxel of the volume: z, y, x.
  double at(const std::array<std::int64_t, 3>& place) const {
    const double second = second_[static_cast<std::size_t>(place[axes_[1]])];
    const double third = third_[static_cast<std::size_t>(place[axes_[2]])];
    return after_two_ * third + after_one_ * second * (third_sum_ - third);
  }

 private:
  std::array<std::size_t, 3> axes_;
  std::vector<double> second_;  ///< the weights outside of the volume at every place along the second axis
  std::vector<double> third_;
  double third_sum_ = 0;
  double after_one_ = 0;  ///< the constant less what filtering along one axis made of it
  double after_two_ = 0;
};

}  // namespace vox
