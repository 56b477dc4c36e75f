// What the filters have in common that take derivatives.
#pragma once

#include <cmath>
#include <optional>

#include "core/boundary.h"
#include "ops/filter/fir_outside.h"
#include "ops/kernel_table.h"

namespace vox {

/// A filter whose terms are not all smoothing: it must know what is outside.
class DerivativeSpec : public KernelSpec {
 public:
  void look_outside(const Boundary& boundary) override { boundary_ = boundary; }

 protected:
  /// Nothing unless it is a finite constant other than 0.
  std::optional<ConstantOutside> outside(const VolumeMeta& input) const {
    if (boundary_.mode != BoundaryMode::constant || boundary_.value == 0 || !std::isfinite(boundary_.value))
      return std::nullopt;
    return ConstantOutside{static_cast<double>(boundary_.value), input.shape};
  }

 private:
  Boundary boundary_;
};

}  // namespace vox
